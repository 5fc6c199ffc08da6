import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** A zip with one stored entry under the traditional encryption of PKWARE (APPNOTE 6.1), which every unzip knows. */
export function encryptedZip(name: string, content: string, password: string): Buffer {
  const plain = Buffer.from(content);
  const crc = crc32(plain);
  const header = randomBytes(12);
  header.writeUInt8(crc >>> 24, 11);
  const data = encrypt(Buffer.concat([header, plain]), password);

  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  // Bit 0: encrypted.
  fields.writeUInt16LE(1, 2);
  fields.writeUInt32LE(crc, 10);
  fields.writeUInt32LE(data.length, 14);
  fields.writeUInt32LE(plain.length, 18);
  fields.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), fields, Buffer.from(name), data]);
  const central = Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\0'), fields, Buffer.alloc(14), Buffer.from(name)]);

  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

function encrypt(plain: Buffer, password: string): Buffer {
  const keys: [number, number, number] = [0x12345678, 0x23456789, 0x34567890];
  const update = (byte: number): void => {
    keys[0] = crcStep(keys[0], byte);
    keys[1] = (Math.imul((keys[1] + (keys[0] & 0xff)) >>> 0, 134_775_813) + 1) >>> 0;
    keys[2] = crcStep(keys[2], keys[1] >>> 24);
  };
  for (const byte of Buffer.from(password)) update(byte);
  return plain.map((byte) => {
    const mask = (keys[2] & 0xffff) | 2;
    const encrypted = byte ^ ((Math.imul(mask, mask ^ 1) >>> 8) & 0xff);
    update(byte);
    return encrypted;
  }) as Buffer;
}

/** One step of CRC-32 without its inversions. */
function crcStep(crc: number, byte: number): number {
  return (crc32(Buffer.from([byte]), ~crc >>> 0) ^ 0xffffffff) >>> 0;
}
