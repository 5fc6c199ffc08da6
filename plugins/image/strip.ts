import { ToolError } from 'toolyard/sdk';

export interface Keep {
  /** As EXIF counts it; 1 is upright. What is left of EXIF says only this. */
  readonly orientation: number;
  readonly keepProfile: boolean;
}

/** The pieces of a file that are the picture, in order. Throws ToolError when its structure is broken. */
export type Strip = (file: Buffer, keep: Keep) => Uint8Array[];

/** A TIFF structure with one field: how the image must be turned (Exif 2.32, tag 274). */
export function orientationField(orientation: number): Buffer {
  const field = Buffer.alloc(26);
  field.write('MM\0*', 'latin1');
  field.writeUInt32BE(8, 4);
  field.writeUInt16BE(1, 8);
  field.writeUInt16BE(274, 10);
  field.writeUInt16BE(3, 12);
  field.writeUInt32BE(1, 14);
  field.writeUInt16BE(orientation, 18);
  return field;
}

export function isTurned({ orientation }: Keep): boolean {
  return orientation > 1 && orientation <= 8;
}

/** The bytes from one place to another, which must be there. */
export function piece(file: Buffer, start: number, end: number): Buffer {
  if (end > file.length || start > end) throw broken();
  return file.subarray(start, end);
}

export function broken(): ToolError {
  return new ToolError('image_unreadable', 'The image is damaged or incomplete.');
}
