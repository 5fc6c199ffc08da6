import { randomBytes, randomUUID } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { KeyNotFound, type Storage } from '../../src/storage/storage.js';

/** The part of the exam of a Storage in which the client, the network or the caller gives up. */
export function describeBrokenWrites(storage: () => Storage): void {
  describe('a write that does not end well', () => {
    it('shows the key only when the last byte has come', async () => {
      const key = randomUUID();
      const source = new PassThrough();
      const writing = storage().write(key, source);
      source.write(randomBytes(200_000));
      await expectNothingUnder(storage(), key);

      source.end(randomBytes(10));
      await writing;

      expect(await storage().stat(key)).toEqual({ size: 200_010 });
    });

    it.each([0, 1, 65_536, 1_000_000, 3_000_000])('leaves nothing when the source fails after %i bytes', async (n) => {
      const key = randomUUID();
      const source = failingAfter(n);

      await expect(storage().write(key, source)).rejects.toThrow('the client went away');

      await expectNothingUnder(storage(), key);
      expect(source.destroyed).toBe(true);
    });

    it.each([0, 1, 65_536, 1_000_000, 3_000_000])('leaves nothing when aborted after %i bytes', async (n) => {
      const key = randomUUID();
      const abort = new AbortController();
      const source = aborting(n, abort);

      await expect(storage().write(key, source, abort.signal)).rejects.toMatchObject({ name: 'AbortError' });

      await expectNothingUnder(storage(), key);
      expect(source.destroyed).toBe(true);
    });

    it('leaves nothing when aborted before it begins', async () => {
      const key = randomUUID();
      const source = Readable.from([randomBytes(10)]);

      await expect(storage().write(key, source, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });

      await expectNothingUnder(storage(), key);
      expect(source.destroyed).toBe(true);
    });

    it('leaves nothing when the source is closed without an end', async () => {
      const key = randomUUID();
      const source = new PassThrough();
      const writing = storage().write(key, source);
      source.write(randomBytes(100));

      source.destroy();

      await expect(writing).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' });
      await expectNothingUnder(storage(), key);
    });

    it('listens to the source from the first moment', async () => {
      const key = randomUUID();
      const source = new PassThrough();
      const writing = storage().write(key, source);

      // Without a listener the failure would end the process, and Jest does not show that.
      expect(source.listenerCount('error')).toBeGreaterThan(0);
      source.destroy(new Error('the client went away'));

      await expect(writing).rejects.toThrow('the client went away');
      await expectNothingUnder(storage(), key);
    });

    it('can be repeated under the same key', async () => {
      const key = randomUUID();
      const bytes = randomBytes(1000);
      await expect(storage().write(key, failingAfter(500))).rejects.toThrow('the client went away');

      await storage().write(key, Readable.from([bytes]));

      expect(await buffer(await storage().read(key))).toEqual(bytes);
    });
  });
}

export async function expectNothingUnder(storage: Storage, key: string): Promise<void> {
  expect(await storage.stat(key)).toBeUndefined();
  await expect(storage.read(key)).rejects.toBeInstanceOf(KeyNotFound);
}

/** A source of `bytes` bytes that then fails like a broken connection. */
function failingAfter(bytes: number): Readable {
  return after(bytes, (source) => source.destroy(new Error('the client went away')));
}

function aborting(bytes: number, abort: AbortController): Readable {
  return after(bytes, () => abort.abort());
}

function after(bytes: number, then: (source: Readable) => void): Readable {
  let left = bytes;
  return new Readable({
    read() {
      if (left === 0) return then(this);
      const size = Math.min(left, 65_536);
      left -= size;
      this.push(randomBytes(size));
    },
  });
}
