import { randomBytes, randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import type { Storage } from '../../src/storage/storage.js';
import { expectNothingUnder } from './storage.broken-writes.contract.js';

/** The part of the exam of a Storage in which a source uses one buffer for all its chunks. */
export function describePour(storage: () => Storage): void {
  describe('pour', () => {
    it.each([1, 999, 65_536, 1_000_000])('keeps what passed through one buffer of %i bytes', async (room) => {
      const bytes = randomBytes(room * 3 + 1);
      const key = randomUUID();

      await storage().pour(key, throughOneBuffer(bytes, room));

      expect((await buffer(await storage().read(key))).equals(bytes)).toBe(true);
    });

    it('keeps a file without bytes', async () => {
      const key = randomUUID();

      await storage().pour(key, throughOneBuffer(Buffer.alloc(0), 1));

      expect(await storage().stat(key)).toEqual({ size: 0 });
    });

    it('shows the key only when the last byte has come', async () => {
      const key = randomUUID();
      const seen: unknown[] = [];
      const looking = async function* () {
        for await (const chunk of throughOneBuffer(randomBytes(200_000), 50_000)) {
          seen.push(await storage().stat(key));
          yield chunk;
        }
        seen.push(await storage().stat(key));
      };

      await storage().pour(key, looking());

      expect(seen).toEqual(Array.from({ length: 5 }, () => undefined));
      expect(await storage().stat(key)).toEqual({ size: 200_000 });
    });

    it.each([0, 1, 65_536, 3_000_000])('leaves nothing when the source fails after %i bytes', async (bytes) => {
      const key = randomUUID();

      await expect(storage().pour(key, failingAfter(bytes))).rejects.toThrow('the tool went away');

      await expectNothingUnder(storage(), key);
    });

    it('can be repeated under the same key', async () => {
      const key = randomUUID();
      const bytes = randomBytes(1000);
      await expect(storage().pour(key, failingAfter(500))).rejects.toThrow('the tool went away');

      await storage().pour(key, throughOneBuffer(bytes, 100));

      expect(await buffer(await storage().read(key))).toEqual(bytes);
    });
  });
}

/** What was given before is overwritten, as soon as more is asked for. */
async function* throughOneBuffer(bytes: Buffer, room: number): AsyncGenerator<Buffer> {
  const only = Buffer.alloc(room);
  for (let start = 0; start < bytes.length; start += room) {
    yield only.subarray(0, bytes.copy(only, 0, start, start + room));
    only.fill('overwritten');
  }
}

async function* failingAfter(bytes: number): AsyncGenerator<Buffer> {
  yield* throughOneBuffer(randomBytes(bytes), 65_536);
  throw new Error('the tool went away');
}
