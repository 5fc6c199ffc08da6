import { buffer } from 'node:stream/consumers';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { pack, type Header } from 'tar-stream';

/** An entry of a ZIP archive, and what the archive says of it instead of the truth. */
export interface ZipLie {
  readonly name: string;
  readonly bytes?: Buffer;
  /** Bits of Unix, type of file included. */
  readonly mode?: number;
  readonly flags?: number;
  readonly method?: number;
  readonly size?: number;
  readonly crc?: number;
  /** Stands for the bytes of the first entry, instead of its own. */
  readonly isEcho?: boolean;
}

/** A ZIP archive, by hand: no library would write these. */
export function zipOf(...lies: ZipLie[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let end = 0;
  for (const lie of lies) {
    const body = deflateRawSync(lie.bytes ?? Buffer.alloc(0));
    const fields = fieldsOf(lie, body.length);
    const local = Buffer.concat([Buffer.from('504b03041400', 'hex'), fields, Buffer.from(lie.name), body]);
    directory.push(centralOf(lie, fields, lie.isEcho ? 0 : end));
    if (lie.isEcho) continue;
    parts.push(local);
    end += local.length;
  }
  const central = Buffer.concat(directory);
  const trailer = Buffer.alloc(22);
  trailer.writeUInt32LE(0x06054b50, 0);
  trailer.writeUInt16LE(lies.length, 8);
  trailer.writeUInt16LE(lies.length, 10);
  trailer.writeUInt32LE(central.length, 12);
  trailer.writeUInt32LE(end, 16);
  return Buffer.concat([...parts, central, trailer]);
}

/** What both headers of an entry share, and the length of no extra fields. */
function fieldsOf({ name, bytes = Buffer.alloc(0), flags = 0x800, method = 8, ...claimed }: ZipLie, packed: number) {
  const fields = Buffer.alloc(24);
  fields.writeUInt16LE(flags, 0);
  fields.writeUInt16LE(method, 2);
  fields.writeUInt32LE(claimed.crc ?? crc32(bytes), 8);
  fields.writeUInt32LE(packed, 12);
  fields.writeUInt32LE(claimed.size ?? bytes.length, 16);
  fields.writeUInt16LE(Buffer.byteLength(name), 20);
  return fields;
}

function centralOf({ name, mode = 0o100644 }: ZipLie, fields: Buffer, offset: number): Buffer {
  const tail = Buffer.alloc(16);
  tail.writeUInt32LE((mode << 16) >>> 0, 8);
  tail.writeUInt32LE(offset, 12);
  tail.copyWithin(6, 8, 16);
  return Buffer.concat([Buffer.from('504b010214031400', 'hex'), fields, tail.subarray(0, 14), Buffer.from(name)]);
}

export function tarOf(...headers: (Pick<Header, 'name'> & Partial<Header>)[]): Promise<Buffer> {
  const archive = pack();
  for (const header of headers) {
    if (header.type === undefined || header.type === 'file') archive.entry(header, 'x');
    else archive.entry(header);
  }
  archive.finalize();
  return buffer(archive as AsyncIterable<Buffer>);
}

/** The first header of a tar archive, and no end of it. */
export async function endlessTar(bytes: number): Promise<Buffer> {
  const [header] = [(await tarOf({ name: 'endless', size: 1 })).subarray(0, 512)];
  return gzipSync(Buffer.concat([withSize(header, bytes), Buffer.alloc(bytes)]));
}

function withSize(header: Buffer, size: number): Buffer {
  const changed = Buffer.from(header);
  changed.write(`${size.toString(8).padStart(11, '0')} `, 124);
  changed.write('        ', 148);
  const sum = changed.reduce((sum, byte) => sum + byte, 0);
  changed.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return changed;
}
