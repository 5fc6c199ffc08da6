import { inflateRawSync } from 'node:zlib';

const END_OF_DIRECTORY = 0x06054b50;
const UTF8_NAME = 0x800;

/** The entries of a zip as text, by name, in the order of its directory (APPNOTE.TXT 6.3.10, §4.3). */
export function entriesOf(zip: Buffer): Record<string, string> {
  const end = zip.lastIndexOf(Buffer.from(Uint32Array.of(END_OF_DIRECTORY).buffer));
  if (end < 0) throw new Error('This is not a zip.');
  const entries: Record<string, string> = {};
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    const encoding = zip.readUInt16LE(at + 8) & UTF8_NAME ? 'utf8' : 'latin1';
    const name = zip.toString(encoding, at + 46, at + 46 + Number(nameLength));
    entries[name] = contentOf(zip, at).toString();
    at += 46 + Number(nameLength) + Number(extra) + Number(comment);
  }
  return entries;
}

function contentOf(zip: Buffer, entry: number): Buffer {
  const [method, size, local] = [
    zip.readUInt16LE(entry + 10),
    zip.readUInt32LE(entry + 20),
    zip.readUInt32LE(entry + 42),
  ];
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const bytes = zip.subarray(start, start + size);
  return method === 0 ? bytes : inflateRawSync(bytes);
}
