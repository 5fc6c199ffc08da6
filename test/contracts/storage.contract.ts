import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { KeyNotFound, type Storage } from '../../src/storage/storage.js';
import { describeBrokenWrites, expectNothingUnder } from './storage.broken-writes.contract.js';
import { describePour } from './storage.pour.contract.js';

export interface StorageUnderTest {
  readonly storage: Storage;
  /** Takes away everything that `make` has made. */
  readonly dispose: () => Promise<void>;
}

const FOREIGN_KEYS = [
  '',
  '.',
  '..',
  '../x',
  'a/b',
  'a\\b',
  '/etc/passwd',
  '2f1c7ae4-96a1-4a3e-8f0e-5f0f3c1d9b11\0',
  '2f1c7ae4-96a1-4a3e-8f0e-5f0f3c1d9b11/..',
  '2F1C7AE4-96A1-4A3E-8F0E-5F0F3C1D9B11',
  '\n2f1c7ae4-96a1-4a3e-8f0e-5f0f3c1d9b1',
];

/** The exam that every adapter of Storage passes. `make` gives a new, empty one for each test. */
export function describeStorage(name: string, make: () => Promise<StorageUnderTest>): void {
  describe(`${name} as a Storage`, () => {
    let subject: StorageUnderTest;
    let storage: Storage;
    let outside: string;

    beforeEach(async () => {
      subject = await make();
      ({ storage } = subject);
      outside = await mkdtemp(join(tmpdir(), 'storage-contract-'));
    });

    afterEach(async () => {
      await subject.dispose();
      await rm(outside, { recursive: true, force: true });
    });

    async function stored(bytes: Buffer): Promise<string> {
      const key = randomUUID();
      await storage.write(key, Readable.from([bytes]));
      return key;
    }

    describe('write and read', () => {
      it('gives back what was written', async () => {
        const bytes = randomBytes(100_000);

        const key = await stored(bytes);

        expect(await buffer(await storage.read(key))).toEqual(bytes);
        expect(await storage.stat(key)).toEqual({ size: 100_000 });
      });

      it('keeps a file without bytes', async () => {
        const key = randomUUID();

        await storage.write(key, Readable.from([]));

        expect(await buffer(await storage.read(key))).toHaveLength(0);
        expect(await storage.stat(key)).toEqual({ size: 0 });
      });

      it('keeps a file that is much larger than a buffer', async () => {
        const chunk = randomBytes(1024 * 1024);
        const key = randomUUID();

        await storage.write(key, Readable.from(Array.from({ length: 40 }, () => chunk)));

        expect(await storage.stat(key)).toEqual({ size: 40 * chunk.length });
        const tail = await storage.read(key, { start: 39 * chunk.length, end: 40 * chunk.length - 1 });
        expect((await buffer(tail)).equals(chunk)).toBe(true);
      });

      it.each([
        { start: 0, end: 0 },
        { start: 0, end: 99 },
        { start: 17, end: 42 },
        { start: 99, end: 99 },
      ])('reads bytes $start to $end', async ({ start, end }) => {
        const bytes = randomBytes(100);
        const key = await stored(bytes);

        const part = await buffer(await storage.read(key, { start, end }));

        expect(part).toEqual(bytes.subarray(start, end + 1));
      });

      it('writes many keys at the same time', async () => {
        const files = Array.from({ length: 40 }, () => randomBytes(50_000));

        const keys = await Promise.all(files.map(stored));

        const read = await Promise.all(keys.map(async (key) => buffer(await storage.read(key))));
        expect(read.every((bytes, index) => bytes.equals(files[index] ?? Buffer.alloc(0)))).toBe(true);
      });

      it('lets many read one key at the same time', async () => {
        const bytes = randomBytes(300_000);
        const key = await stored(bytes);

        const copies = await Promise.all(Array.from({ length: 20 }, async () => buffer(await storage.read(key))));

        expect(copies.every((copy) => copy.equals(bytes))).toBe(true);
      });

      it('rejects the read of a key that does not exist before the first byte', async () => {
        await expect(storage.read(randomUUID())).rejects.toBeInstanceOf(KeyNotFound);
      });

      it('stays whole when a reader goes away early', async () => {
        const bytes = randomBytes(2_000_000);
        const key = await stored(bytes);
        const reader = await storage.read(key);
        await new Promise((resolve) => reader.once('readable', resolve));

        const closed = new Promise((resolve) => reader.once('close', resolve));
        reader.destroy();
        await closed;

        expect((await buffer(await storage.read(key))).equals(bytes)).toBe(true);
      });
    });

    describeBrokenWrites(() => storage);

    describePour(() => storage);

    describe('link', () => {
      it.each([true, false])('puts the bytes at a path (shared: %s)', async (shared) => {
        const bytes = randomBytes(100_000);
        const key = await stored(bytes);
        const path = join(outside, 'input');

        await storage.link(key, path, shared);

        expect((await readFile(path)).equals(bytes)).toBe(true);
      });

      it('never lets a change of a copy reach the stored bytes', async () => {
        const bytes = randomBytes(1000);
        const key = await stored(bytes);
        const path = join(outside, 'input');
        await storage.link(key, path, false);

        await writeFile(path, 'changed', { flag: 'r+' });

        expect(await buffer(await storage.read(key))).toEqual(bytes);
      });

      it.each([true, false])('keeps the bytes when the path is removed (shared: %s)', async (shared) => {
        const bytes = randomBytes(1000);
        const key = await stored(bytes);
        const path = join(outside, 'input');
        await storage.link(key, path, shared);

        await rm(path);

        expect(await buffer(await storage.read(key))).toEqual(bytes);
      });

      it.each([true, false])('keeps the path when the key is removed (shared: %s)', async (shared) => {
        const bytes = randomBytes(1000);
        const key = await stored(bytes);
        const path = join(outside, 'input');
        await storage.link(key, path, shared);

        await storage.remove(key);

        expect(await readFile(path)).toEqual(bytes);
      });

      it.each([true, false])('refuses a path that exists and leaves it alone (shared: %s)', async (shared) => {
        const key = await stored(randomBytes(1000));
        const path = join(outside, 'input');
        await writeFile(path, 'mine');

        await expect(storage.link(key, path, shared)).rejects.toMatchObject({ code: 'EEXIST' });

        expect(await readFile(path, 'utf8')).toBe('mine');
      });

      it.each([true, false])('rejects a key that does not exist and leaves no file (shared: %s)', async (shared) => {
        const path = join(outside, 'input');

        await expect(storage.link(randomUUID(), path, shared)).rejects.toBeInstanceOf(KeyNotFound);

        await expect(readFile(path)).rejects.toMatchObject({ code: 'ENOENT' });
      });

      it.each([true, false])('tells a missing directory from a missing key (shared: %s)', async (shared) => {
        const key = await stored(randomBytes(10));
        const path = join(outside, 'nowhere', 'input');

        await expect(storage.link(key, path, shared)).rejects.toMatchObject({ code: 'ENOENT' });
      });
    });

    describe('remove', () => {
      it('removes the key, and is no fault when there is none', async () => {
        const key = await stored(randomBytes(10));

        await storage.remove(key);

        await expectNothingUnder(storage, key);
        await expect(storage.remove(key)).resolves.toBeUndefined();
      });

      it('touches no other key', async () => {
        const bytes = randomBytes(10);
        const [gone, kept] = [await stored(randomBytes(10)), await stored(bytes)];

        await storage.remove(gone);

        expect(await buffer(await storage.read(kept))).toEqual(bytes);
      });
    });

    describe('a key that the server did not make', () => {
      it.each(FOREIGN_KEYS)('is refused by every method: %j', async (key) => {
        const source = Readable.from(['x']);
        const refusal = /storage key/;

        await expect(storage.write(key, source)).rejects.toThrow(refusal);
        await expect(storage.pour(key, Readable.from(['x']))).rejects.toThrow(refusal);
        await expect(storage.read(key)).rejects.toThrow(refusal);
        await expect(storage.link(key, join(outside, 'input'), true)).rejects.toThrow(refusal);
        await expect(storage.remove(key)).rejects.toThrow(refusal);
        await expect(storage.stat(key)).rejects.toThrow(refusal);
        expect(source.destroyed).toBe(true);
      });
    });

    it('says that it can be written to', async () => {
      await expect(storage.check()).resolves.toBeUndefined();
    });
  });
}
