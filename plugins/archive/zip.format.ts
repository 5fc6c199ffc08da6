/** Methods of compression, APPNOTE.TXT 4.4.5. */
export const METHODS = { stored: 0, deflated: 8 } as const;

/** 2.0: folders and deflate; 3: made on Unix, so that the upper half of the attributes is a mode. */
const VERSION_NEEDED = 20;
const MADE_BY = (3 << 8) | VERSION_NEEDED;
/** The name is UTF-8. */
const FLAGS = 1 << 11;
/** The first moment that the format knows: 1980-01-01 00:00. So equal files make equal archives. */
const DATE = (1 << 5) | 1;
const TIME = 0;
/** A regular file that everybody may read. */
const ATTRIBUTES = (0o100644 << 16) >>> 0;

/** A file in a ZIP archive, all of it in 32 bits. */
export interface ZippedFile {
  readonly name: string;
  /** Where its local header begins. */
  offset: number;
  readonly crc: number;
  readonly size: number;
  readonly packedSize: number;
  readonly method: number;
}

/** APPNOTE.TXT 4.3.7. */
export function localHeader(file: ZippedFile): Buffer {
  const name = Buffer.from(file.name);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(VERSION_NEEDED, 4);
  writeCommon(header, 6, file, name.length);
  return Buffer.concat([header, name]);
}

/** APPNOTE.TXT 4.3.12. */
export function centralHeader(file: ZippedFile): Buffer {
  const name = Buffer.from(file.name);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(MADE_BY, 4);
  header.writeUInt16LE(VERSION_NEEDED, 6);
  writeCommon(header, 8, file, name.length);
  header.writeUInt32LE(ATTRIBUTES, 38);
  header.writeUInt32LE(file.offset, 42);
  return Buffer.concat([header, name]);
}

/** What both headers have, from the flags to the length of the name. */
function writeCommon(header: Buffer, at: number, file: ZippedFile, nameLength: number): void {
  header.writeUInt16LE(FLAGS, at);
  header.writeUInt16LE(file.method, at + 2);
  header.writeUInt16LE(TIME, at + 4);
  header.writeUInt16LE(DATE, at + 6);
  header.writeUInt32LE(file.crc, at + 8);
  header.writeUInt32LE(file.packedSize, at + 12);
  header.writeUInt32LE(file.size, at + 16);
  header.writeUInt16LE(nameLength, at + 20);
}

/** APPNOTE.TXT 4.3.16. */
export function endOfDirectory(entries: number, directoryBytes: number, offset: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries, 8);
  end.writeUInt16LE(entries, 10);
  end.writeUInt32LE(directoryBytes, 12);
  end.writeUInt32LE(offset, 16);
  return end;
}
