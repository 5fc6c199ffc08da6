import { broken, isTurned, type Keep, orientationField, piece } from './strip.ts';

const START = 0xd8;
const END = 0xd9;
const SCAN = 0xda;
const JFIF = 0xe0;
const EXIF = 0xe1;
const PROFILE = 0xe2;
const ADOBE = 0xee;
const LAST_APPLICATION = 0xef;
const COMMENT = 0xfe;

/** JFIF without the preview that may follow. */
const JFIF_LENGTH = 14;

/**
 * ITU-T T.81, annex B: markers, most of them with a length and a body. All of an application is dropped but what says how
 * colours are meant, and whatever follows the end of the image, such as a second one or a film.
 */
export function stripJpeg(file: Buffer, keep: Keep): Uint8Array[] {
  const kept: Uint8Array[] = [piece(file, 0, 2), ...(isTurned(keep) ? [exif(keep)] : [])];
  if (file[0] !== 0xff || file[1] !== START) throw broken();
  for (let at = 2; ;) {
    const { marker, start } = nextMarker(file, at);
    if (marker === END) return [...kept, Buffer.of(0xff, END)];
    const end = start + 2 + lengthAt(file, start + 2);
    kept.push(...segment(marker, piece(file, start, end), keep));
    at = marker === SCAN ? endOfScan(file, end) : end;
    if (marker === SCAN) kept.push(piece(file, end, at));
  }
}

/** @returns where its last 0xff stands: any number of them may come before. */
function nextMarker(file: Buffer, at: number): { marker: number; start: number } {
  if (file[at] !== 0xff) throw broken();
  let start = at;
  while (file[start + 1] === 0xff) start += 1;
  const marker = file[start + 1];
  if (marker === undefined) throw broken();
  return { marker, start };
}

function lengthAt(file: Buffer, at: number): number {
  const length = piece(file, at, at + 2).readUInt16BE();
  if (length < 2) throw broken();
  return length;
}

/** In the data of a scan a 0xff is followed by zero, or by the number of a restart. */
function endOfScan(file: Buffer, start: number): number {
  for (let at = file.indexOf(0xff, start); at !== -1; at = file.indexOf(0xff, at + 1)) {
    const next = file[at + 1] ?? 0;
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  throw broken();
}

function segment(marker: number, whole: Buffer, { keepProfile }: Keep): Uint8Array[] {
  const body = whole.subarray(4);
  if (marker === JFIF) return body.toString('latin1', 0, 5) === 'JFIF\0' ? [jfif(body)] : [];
  if (marker === PROFILE) return keepProfile && body.toString('latin1', 0, 12) === 'ICC_PROFILE\0' ? [whole] : [];
  if (marker === ADOBE) return body.toString('latin1', 0, 5) === 'Adobe' ? [whole] : [];
  return (marker >= JFIF && marker <= LAST_APPLICATION) || marker === COMMENT ? [] : [whole];
}

function jfif(body: Buffer): Buffer {
  if (body.length < JFIF_LENGTH) throw broken();
  const head = Buffer.from(body.subarray(0, JFIF_LENGTH));
  head.fill(0, 12);
  return Buffer.concat([Buffer.of(0xff, JFIF, 0, JFIF_LENGTH + 2), head]);
}

function exif({ orientation }: Keep): Buffer {
  const body = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), orientationField(orientation)]);
  return Buffer.concat([Buffer.of(0xff, EXIF, 0, body.length + 2), body]);
}
