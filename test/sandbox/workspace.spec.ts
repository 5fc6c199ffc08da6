import { constants } from 'node:fs';
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Slot } from '../../src/sandbox/slot.js';
import type { FilesService } from '../../src/files/files.service.js';
import { KeyNotFound } from '../../src/storage/storage.js';
import { Workspace } from '../../src/sandbox/workspace.js';
import { prepareSqlite, type TestDatabase } from '../database/databases.js';
import { pluginNamed, TestSandbox } from './sandbox.harness.js';
import { filesOf, type TestFiles } from '../worker/files.js';

let yard: TestSandbox;
/** Of a plugin that cannot write to its inputs, and of one whose native code could. */
let confined: Slot;
let free: Slot;
let ground: TestDatabase;
let files: TestFiles;

beforeAll(async () => {
  yard = await TestSandbox.open('permission');
  confined = await yard.acquire(pluginNamed('good'));
  free = await yard.acquire(pluginNamed('good', { addons: true }));
  ground = await prepareSqlite();
  files = await filesOf(ground);
});
afterAll(async () => {
  for (const slot of [confined, free]) slot.release();
  await yard.close();
  await ground[Symbol.asyncDispose]();
});

const leftIn = async (slot: Slot): Promise<string[]> => [
  ...(await readdir(join(slot.directory, 'in'))),
  ...(await readdir(slot.workspace)),
  ...(slot.clean ? [] : ['something beside the workspace']),
];

const inodeOf = async (path: string) => (await stat(path)).ino;

const storedInode = async (id: string): Promise<number> => {
  const root = join(ground.directory, 'storage');
  const path = (await readdir(root, { recursive: true })).find((entry) => basename(entry) === id);
  return inodeOf(join(root, path ?? ''));
};

describe('the inputs of a run', () => {
  it('are all dealt with before a fault is told, so that nothing is written to a directory that is removed', async () => {
    const [missing, slow] = [await files.stored('missing'), await files.stored('slow')];
    let isLaid = false;
    const link: FilesService['link'] = async (id) => {
      if (id === missing.file_id) throw new KeyNotFound(id);
      for (let turns = 0; turns < 20; turns++) await turn();
      isLaid = true;
    };
    await using workspace = new Workspace(confined, 'faulty');

    await expect(workspace.stage({ link }, [missing, slow])).rejects.toBeInstanceOf(KeyNotFound);

    expect(isLaid).toBe(true);
  });

  it('are laid out under names that nobody chose, and described as the task has them', async () => {
    const [first, second] = [await files.stored('first', '../../etc/passwd'), await files.stored('second', 'b')];
    await using workspace = new Workspace(confined, 'run');

    const inputs = await workspace.stage(files.service, [first, second]);

    expect(inputs.map(({ path }) => path)).toEqual(
      ['0', '1'].map((name) => join(confined.directory, 'in', 'run', name)),
    );
    expect(inputs.map(({ name, type, size }) => ({ name, type, size }))).toEqual(
      [first, second].map(({ name, type, size }) => ({ name, type, size })),
    );
    await expect(Promise.all(inputs.map(({ path }) => readFile(path, 'utf8')))).resolves.toEqual(['first', 'second']);
  });

  it('are the stored bytes themselves only where the tool cannot write to them', async () => {
    const file = await files.stored('bytes');
    await using here = new Workspace(confined, 'run');
    await using there = new Workspace(free, 'run');

    const [[linked], [copied]] = [await here.stage(files.service, [file]), await there.stage(files.service, [file])];

    const inode = await storedInode(file.file_id);
    expect(await inodeOf(linked?.path ?? '')).toBe(inode);
    expect(await inodeOf(copied?.path ?? '')).not.toBe(inode);
    await writeFile(copied?.path ?? '', 'changed');
    await expect(text(await files.storage.read(file.file_id))).resolves.toBe('bytes');
  });

  it('are none when the task has none', async () => {
    await using workspace = new Workspace(confined, 'run');

    await expect(workspace.stage(files.service, [])).resolves.toEqual([]);
  });

  it.each(['confined', 'free'])('leave nothing when one of them is gone (%s)', async (name) => {
    const slot = name === 'free' ? free : confined;
    const large = await files.stored('x'.repeat(10_000_000));
    const gone = { ...large, file_id: crypto.randomUUID() };
    const staged = async () => {
      await using workspace = new Workspace(slot, 'run');
      await workspace.stage(files.service, [large, gone, ...Array.from({ length: 12 }, () => large)]);
    };

    await expect(staged()).rejects.toBeInstanceOf(KeyNotFound);

    await expect(leftIn(slot)).resolves.toEqual([]);
  });
});

describe('a workspace', () => {
  it('is private, and empty after the run whatever was in it', async () => {
    const file = await files.stored('input');
    let mode: number | undefined;
    {
      await using workspace = new Workspace(confined, 'run');
      await workspace.stage(files.service, [file]);
      await mkdir(join(workspace.path, 'deep/er'), { recursive: true });
      await writeFile(join(workspace.path, 'deep/er/file'), 'left');
      mode = (await stat(workspace.path)).mode & 0o777;
    }

    expect(mode).toBe(0o700);
    await expect(leftIn(confined)).resolves.toEqual([]);
    await expect(text(await files.storage.read(file.file_id))).resolves.toBe('input');
  });

  it('is empty also when the run fails', async () => {
    const run = async () => {
      await using workspace = new Workspace(confined, 'run');
      await writeFile(join(workspace.path, 'left'), '');
      throw new Error('The tool crashed.');
    };

    await expect(run()).rejects.toThrow('The tool crashed.');

    await expect(leftIn(confined)).resolves.toEqual([]);
  });

  it('is the same directory for the next run when nothing has touched it', async () => {
    const before = await inodeOf(confined.workspace);
    {
      await using workspace = new Workspace(confined, 'run');
      await expect(readdir(workspace.path)).resolves.toEqual([]);
    }

    await expect(inodeOf(confined.workspace)).resolves.toBe(before);
  });

  it.each<[string, (path: string) => Promise<void>]>([
    ['removed', (path) => rm(path, { recursive: true })],
    ['opened to everybody', (path) => chmod(path, 0o777)],
    ['closed to everybody', (path) => chmod(path, 0)],
  ])('is made anew when the tool has %s it', async (_, spoil) => {
    {
      await using workspace = new Workspace(confined, 'run');
      await spoil(workspace.path);
    }

    expect((await lstat(confined.workspace)).mode).toBe(constants.S_IFDIR | 0o700);
    await expect(leftIn(confined)).resolves.toEqual([]);
  });

  it('is made anew when the tool has put a link in its place, and what the link leads to stays', async () => {
    const elsewhere = await mkdtemp(join(ground.directory, 'elsewhere-'));
    await writeFile(join(elsewhere, 'kept'), '');
    {
      await using workspace = new Workspace(confined, 'run');
      await rm(workspace.path, { recursive: true });
      await symlink(elsewhere, workspace.path);
    }

    expect((await lstat(confined.workspace)).isDirectory()).toBe(true);
    await expect(leftIn(confined)).resolves.toEqual([]);
    await expect(readdir(elsewhere)).resolves.toEqual(['kept']);
  });
});
