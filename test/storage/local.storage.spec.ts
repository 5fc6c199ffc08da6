import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LocalStorage } from '../../src/storage/local.storage.js';
import { until } from '../conditions.js';
import { describeStorage } from '../contracts/storage.contract.js';

describeStorage('LocalStorage', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'local-storage-'));
  return {
    storage: new LocalStorage(directory),
    dispose: () => rm(directory, { recursive: true, force: true }),
  };
});

describe('LocalStorage', () => {
  let directory: string;
  let storage: LocalStorage;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'local-storage-'));
    storage = new LocalStorage(directory);
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  /** Every file below the directory, by absolute path. */
  async function files(): Promise<string[]> {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  }

  async function stored(bytes = randomBytes(1000)): Promise<{ key: string; path: string }> {
    const key = randomUUID();
    await storage.write(key, Readable.from([bytes]));
    const path = (await files()).find((file) => basename(file) === key);
    return { key, path: path ?? '' };
  }

  it('gives a file to its owner alone, and nobody else a way to it', async () => {
    const { path } = await stored();

    const modes = await Promise.all([path, dirname(path), dirname(dirname(path))].map(mode));

    expect(modes).toEqual([0o600, 0o700, 0o700]);
  });

  it('spreads keys of the same moment over many directories', async () => {
    const moment = '019a8c1e-0000-7000';
    const keys = Array.from({ length: 64 }, () => `${moment}-${randomUUID().slice(19)}`);

    await Promise.all(keys.map((key) => storage.write(key, Readable.from(['x']))));

    const directories = new Set((await files()).map(dirname));
    expect(directories.size).toBeGreaterThan(60);
  });

  it('leaves no file of any name when a write fails', async () => {
    const source = new PassThrough();
    const writing = storage.write(randomUUID(), source);
    source.write(randomBytes(500_000));
    await until(async () => (await files()).length === 1, { describe: 'the write has begun' });

    source.destroy(new Error('the client went away'));

    await expect(writing).rejects.toThrow('the client went away');
    expect(await files()).toEqual([]);
  });

  it('writes over what a process that died had begun', async () => {
    const { key, path } = await stored();
    await rm(path);
    await writeFile(`${path}.part`, randomBytes(5000));
    const bytes = randomBytes(10);

    await storage.write(key, Readable.from([bytes]));

    expect(await buffer(await storage.read(key))).toEqual(bytes);
    expect(await files()).toEqual([path]);
  });

  it('removes what a process that died had begun', async () => {
    const { key, path } = await stored();
    await writeFile(`${path}.part`, 'begun');

    await storage.remove(key);

    expect(await files()).toEqual([]);
  });

  it('closes every file it opens', async () => {
    const { key } = await stored(randomBytes(3_000_000));
    expect(await openFiles(directory)).toEqual([]);

    const readers = await Promise.all(Array.from({ length: 10 }, () => storage.read(key)));
    for (const reader of readers) reader.destroy();
    await Promise.all(
      Array.from({ length: 10 }, () =>
        storage.write(randomUUID(), new PassThrough(), AbortSignal.abort()).catch(() => {}),
      ),
    );

    const broken = (async function* () {
      yield randomBytes(10);
      throw new Error('broken');
    })();
    await expect(storage.pour(randomUUID(), broken)).rejects.toThrow('broken');

    await until(async () => (await openFiles(directory)).length === 0, { describe: 'every file is closed' });
    expect(await buffer(await storage.read(key))).toHaveLength(3_000_000);
  });

  describe('link', () => {
    it('shares one file where that is allowed', async () => {
      const { key, path } = await stored();

      await storage.link(key, join(directory, 'input'), true);

      const [original, linked] = await Promise.all([stat(path), stat(join(directory, 'input'))]);
      expect(linked.ino).toBe(original.ino);
      expect(original.nlink).toBe(2);
    });

    it('makes a file of its own where it is not, for the owner alone', async () => {
      const { key, path } = await stored();

      await storage.link(key, join(directory, 'input'), false);

      const [original, copied] = await Promise.all([stat(path), stat(join(directory, 'input'))]);
      expect(copied.ino).not.toBe(original.ino);
      expect(original.nlink).toBe(1);
      expect(copied.mode & 0o777).toBe(0o600);
    });

    it('copies onto another file system', async () => {
      const elsewhere = await mkdtemp('/dev/shm/local-storage-');
      const bytes = randomBytes(1000);
      const { key, path } = await stored(bytes);
      expect((await stat(elsewhere)).dev).not.toBe((await stat(path)).dev);

      try {
        await storage.link(key, join(elsewhere, 'input'), true);

        expect(await readFile(join(elsewhere, 'input'))).toEqual(bytes);
        expect(await mode(join(elsewhere, 'input'))).toBe(0o600);
      } finally {
        await rm(elsewhere, { recursive: true });
      }
    });

    it.each([true, false])('does not follow a symbolic link that lies in its way (shared: %s)', async (shared) => {
      const { key } = await stored();
      const target = join(directory, 'target');
      await symlink(target, join(directory, 'input'));

      await expect(storage.link(key, join(directory, 'input'), shared)).rejects.toMatchObject({ code: 'EEXIST' });

      await expect(stat(target)).rejects.toMatchObject({ code: 'ENOENT' });
    });
  });

  describe('when there is no room', () => {
    it.each(['write', 'pour'])('says so, and leaves nothing: %s', async (action) => {
      const end = await inLimitedProcess(directory, action, '4000000');

      expect(end).toMatchObject({ code: 'storage_full', isSourceDestroyed: true });
      expect(await files()).toEqual([]);
    });

    it.each(['write', 'pour'])('still keeps what fits: %s', async (action) => {
      const end = await inLimitedProcess(directory, action, '900000');

      expect(end).toEqual({ ok: true });
      expect(await files()).toHaveLength(1);
    });

    it('says so of a copy, and leaves no part of it', async () => {
      const { key, path } = await stored(randomBytes(2_000_000));

      const end = await inLimitedProcess(directory, 'copy', key, join(directory, 'input'));

      expect(end).toMatchObject({ code: 'storage_full' });
      expect(await files()).toEqual([path]);
    });
  });

  describe('check', () => {
    it('leaves nothing behind', async () => {
      await storage.check();

      expect(await files()).toEqual([]);
    });

    it('rejects when the directory is gone', async () => {
      await rm(directory, { recursive: true });

      await expect(storage.check()).rejects.toMatchObject({ code: 'ENOENT' });
    });
  });
});

async function mode(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

/**
 * How a write or a copy ends in a process that may write no file larger than 1 MB. The kernel refuses more (EFBIG) where
 * it would refuse for want of room.
 */
async function inLimitedProcess(...args: readonly string[]): Promise<unknown> {
  const child = join(import.meta.dirname, 'limited-storage.child.ts');
  const { stdout } = await promisify(execFile)('prlimit', ['--fsize=1000000', process.execPath, child, ...args]);
  return JSON.parse(stdout);
}

/** What this process has open below the directory. */
async function openFiles(directory: string): Promise<string[]> {
  const names = await readdir('/proc/self/fd');
  const targets = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')));
  return targets.filter((target) => target.startsWith(directory));
}
