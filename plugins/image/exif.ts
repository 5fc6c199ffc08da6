import { IMAGE_TAGS, LOCATION_POINTER, LOCATION_TAGS, PHOTO_POINTER, PHOTO_TAGS } from './exif.tags.ts';

type Value = string | number | number[];

/** Where a picture was taken. */
export interface Location {
  /** Degrees, north and east of zero. */
  readonly latitude?: number;
  readonly longitude?: number;
  /** Metres above the sea. */
  readonly altitude?: number;
  /** Degrees from north into which the camera looked. */
  readonly direction?: number;
  /** By the clock of the satellites, RFC 3339. */
  readonly taken_at?: string;
}

export interface Exif {
  readonly fields: Readonly<Record<string, Value>>;
  readonly location: Location | undefined;
}

/** Bytes of a value, by the number of its type. */
const SIZES: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8 };
const ASCII = 2;
const BYTE = 1;

const MAX_ENTRIES = 500;
const MAX_VALUES = 16;
const MAX_TEXT = 1_000;

/** Reads EXIF as it stands in a file. What is broken is left out; nothing is thrown. */
export function readExif(bytes: Buffer): Exif {
  const body = bytes.toString('latin1', 0, 6) === 'Exif\0\0' ? bytes.subarray(6) : bytes;
  const order = body.toString('latin1', 0, 2);
  if (order !== 'II' && order !== 'MM') return { fields: {}, location: undefined };
  const reader = new Reader(body, order === 'II');
  const image = reader.directory(reader.number(4, 4) ?? 0);
  const photo = reader.directory(pointer(image.get(PHOTO_POINTER)));
  const place = reader.directory(pointer(image.get(LOCATION_POINTER)));
  return { fields: { ...named(image, IMAGE_TAGS), ...named(photo, PHOTO_TAGS) }, location: locationOf(place) };
}

/** TIFF 6.0, section 2. */
class Reader {
  private readonly bytes: Buffer;
  private readonly little: boolean;

  constructor(bytes: Buffer, little: boolean) {
    this.bytes = bytes;
    this.little = little;
  }

  directory(start: number): ReadonlyMap<number, Value> {
    const found = new Map<number, Value>();
    const count = start === 0 ? 0 : Math.min(this.number(start, 2) ?? 0, MAX_ENTRIES);
    for (let index = 0; index < count; index += 1) {
      const at = start + 2 + 12 * index;
      const tag = this.number(at, 2);
      const value = this.value(at);
      if (tag !== undefined && value !== undefined) found.set(tag, value);
    }
    return found;
  }

  number(at: number, length: 1 | 2 | 4, signed = false): number | undefined {
    if (at + length > this.bytes.length) return undefined;
    if (signed) return this.little ? this.bytes.readIntLE(at, length) : this.bytes.readIntBE(at, length);
    return this.little ? this.bytes.readUIntLE(at, length) : this.bytes.readUIntBE(at, length);
  }

  private value(entry: number): Value | undefined {
    const type = this.number(entry + 2, 2) ?? 0;
    const count = this.number(entry + 4, 4) ?? 0;
    const size = SIZES[type];
    if (size === undefined || count === 0) return undefined;
    const at = size * count > 4 ? this.number(entry + 8, 4) : entry + 8;
    if (at === undefined || at + size * count > this.bytes.length) return undefined;
    if (type === ASCII) return text(this.bytes.subarray(at, at + Math.min(count, MAX_TEXT)));
    if (type === BYTE && count > MAX_VALUES) return wide(this.bytes.subarray(at, at + Math.min(count, 2 * MAX_TEXT)));
    if (count > MAX_VALUES) return undefined;
    const numbers = Array.from({ length: count }, (_, index) => this.one(at + index * size, type));
    const known = numbers.filter((number) => number !== undefined);
    return known.length === 1 ? known[0] : known;
  }

  private one(at: number, type: number): number | undefined {
    if (type === 5 || type === 10) {
      const above = this.number(at, 4, type === 10) ?? 0;
      const below = this.number(at + 4, 4, type === 10) ?? 0;
      return below === 0 ? undefined : Number((above / below).toPrecision(12));
    }
    const length = type === 3 ? 2 : type === 4 || type === 9 ? 4 : 1;
    return this.number(at, length, type === 9);
  }
}

function pointer(value: Value | undefined): number {
  return typeof value === 'number' ? value : 0;
}

/** EXIF wants ASCII; cameras and people write UTF-8. */
function text(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end === -1 ? bytes.length : end).trim();
}

/** Windows writes its own tags in UTF-16. */
function wide(bytes: Buffer): string {
  return (bytes.toString('utf16le').split('\0', 1)[0] ?? '').trim();
}

function named(found: ReadonlyMap<number, Value>, names: Readonly<Record<number, string>>): Record<string, Value> {
  const entries = [...found].flatMap(([tag, value]) => {
    const name = names[tag];
    return name === undefined || value === '' ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

function locationOf(place: ReadonlyMap<number, Value>): Location | undefined {
  if (place.size === 0) return undefined;
  const latitude = degrees(place.get(LOCATION_TAGS.latitude), place.get(LOCATION_TAGS.latitudeSide), 'S');
  const longitude = degrees(place.get(LOCATION_TAGS.longitude), place.get(LOCATION_TAGS.longitudeSide), 'W');
  const height = place.get(LOCATION_TAGS.altitude);
  const direction = place.get(LOCATION_TAGS.direction);
  const takenAt = moment(place.get(LOCATION_TAGS.date), place.get(LOCATION_TAGS.time));
  return {
    ...(latitude !== undefined && { latitude }),
    ...(longitude !== undefined && { longitude }),
    ...(typeof height === 'number' && { altitude: place.get(LOCATION_TAGS.altitudeSide) === 1 ? -height : height }),
    ...(typeof direction === 'number' && { direction }),
    ...(takenAt !== undefined && { taken_at: takenAt }),
  };
}

function degrees(value: Value | undefined, side: Value | undefined, negative: string): number | undefined {
  if (!Array.isArray(value)) return undefined;
  const [whole = 0, minutes = 0, seconds = 0] = value;
  const sum = Number((whole + minutes / 60 + seconds / 3_600).toFixed(7));
  return side === negative ? -sum : sum;
}

function moment(date: Value | undefined, time: Value | undefined): string | undefined {
  if (typeof date !== 'string' || !/^\d{4}:\d{2}:\d{2}$/.test(date)) return undefined;
  const day = date.replaceAll(':', '-');
  if (!Array.isArray(time)) return day;
  const clock = time.map((part) => String(Math.floor(part)).padStart(2, '0'));
  return `${day}T${clock.join(':')}Z`;
}
