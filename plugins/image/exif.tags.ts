/** Names that people know, of the tags that say something to them (Exif 2.32, TIFF 6.0). */
export const IMAGE_TAGS: Readonly<Record<number, string>> = {
  0x010e: 'description',
  0x010f: 'make',
  0x0110: 'model',
  0x0112: 'orientation',
  0x0131: 'software',
  0x0132: 'modified_at',
  0x013b: 'artist',
  0x8298: 'copyright',
  0x9c9b: 'windows_title',
  0x9c9d: 'windows_author',
};

export const PHOTO_TAGS: Readonly<Record<number, string>> = {
  0x829a: 'exposure_seconds',
  0x829d: 'f_number',
  0x8827: 'iso',
  0x9003: 'taken_at',
  0x9004: 'digitized_at',
  0x9010: 'utc_offset',
  0x9011: 'taken_utc_offset',
  0x9204: 'exposure_bias',
  0x9207: 'metering_mode',
  0x9209: 'flash',
  0x920a: 'focal_length_mm',
  0xa402: 'exposure_mode',
  0xa403: 'white_balance',
  0xa405: 'focal_length_35mm',
  0xa420: 'unique_id',
  0xa430: 'camera_owner',
  0xa431: 'body_serial_number',
  0xa433: 'lens_make',
  0xa434: 'lens_model',
  0xa435: 'lens_serial_number',
};

/** The tags of the image that point to further ones. */
export const PHOTO_POINTER = 0x8769;
export const LOCATION_POINTER = 0x8825;

export const LOCATION_TAGS = {
  latitudeSide: 1,
  latitude: 2,
  longitudeSide: 3,
  longitude: 4,
  altitudeSide: 5,
  altitude: 6,
  time: 7,
  direction: 17,
  date: 29,
} as const;
