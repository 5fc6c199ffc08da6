import { randomBytes, randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Drafts } from '../../src/storage/drafts.js';
import { KeyNotFound, type Storage } from '../../src/storage/storage.js';

export interface DraftsUnderTest {
  readonly drafts: Drafts;
  /** In which a finished draft is kept. */
  readonly storage: Storage;
  readonly dispose: () => Promise<void>;
}

async function* chunks(...texts: string[]): AsyncGenerator<Buffer> {
  for (const one of texts) yield Buffer.from(one);
}

async function* breaking(...texts: string[]): AsyncGenerator<Buffer> {
  yield* chunks(...texts);
  throw new Error('the connection ended');
}

/** The exam that every adapter of Drafts passes. `make` gives a new, empty one for each test. */
export function describeDrafts(name: string, make: () => Promise<DraftsUnderTest>): void {
  describe(`${name} as Drafts`, () => {
    let subject: DraftsUnderTest;
    let drafts: Drafts;
    let storage: Storage;
    let key: string;

    beforeEach(async () => {
      subject = await make();
      ({ drafts, storage } = subject);
      key = randomUUID();
    });
    afterEach(() => subject.dispose());

    it('grow piece by piece, and are nothing to the storage before they are kept', async () => {
      expect(await drafts.size(key)).toBe(0);
      await drafts.append(key, chunks('one ', 'two '));
      await drafts.append(key, chunks());
      await drafts.append(key, chunks('three'));

      expect(await drafts.size(key)).toBe(13);
      expect(await text(await drafts.read(key))).toBe('one two three');
      expect(await text(await drafts.read(key, 5))).toBe('one t');
      await expect(storage.read(key)).rejects.toThrow(KeyNotFound);
    });

    it('keep what came before a source failed', async () => {
      await drafts.append(key, chunks('one '));

      await expect(drafts.append(key, breaking('two '))).rejects.toThrow('the connection ended');

      expect(await text(await drafts.read(key))).toBe('one two ');
    });

    it('are cut, but never made longer', async () => {
      await drafts.append(key, chunks('one two'));
      await drafts.cut(key, 3);
      await drafts.cut(key, 5);
      await drafts.append(key, chunks('!'));

      expect(await text(await drafts.read(key))).toBe('one!');
    });

    it('become the bytes of their key, once', async () => {
      const bytes = randomBytes(200_000);
      await drafts.append(
        key,
        (async function* () {
          yield bytes;
        })(),
      );

      await drafts.keep(key);
      await drafts.keep(key);

      expect(Buffer.concat(await (await storage.read(key)).toArray())).toEqual(bytes);
      expect(await drafts.size(key)).toBe(bytes.length);
      expect((await (await drafts.read(key)).toArray()).length).toBeGreaterThan(0);
    });

    it('go with the key', async () => {
      await drafts.append(key, chunks('one'));

      await storage.remove(key);

      expect(await drafts.size(key)).toBe(0);
      await expect(drafts.read(key)).rejects.toThrow(KeyNotFound);
      await expect(drafts.keep(key)).rejects.toThrow('ENOENT');
    });

    it.each(['', '../x', '/etc/passwd'])('take no key that is no UUID: %j', async (foreign) => {
      await expect(drafts.append(foreign, chunks('x'))).rejects.toThrow(TypeError);
      await expect(drafts.size(foreign)).rejects.toThrow(TypeError);
    });
  });
}
