import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WorkDirectory } from '../../src/sandbox/work.directory.js';
import { until } from '../conditions.js';
import { temporaryDirectory } from './sandbox.harness.ts';

const DAY_MS = 86_400_000;

let root: string;
let open: WorkDirectory[];

beforeEach(async () => {
  root = await temporaryDirectory();
  open = [];
});

afterEach(async () => {
  for (const directory of open) await directory.close();
  await rm(root, { recursive: true });
});

const openDirectory = async (): Promise<WorkDirectory> => {
  const directory = await WorkDirectory.open(root);
  open.push(directory);
  return directory;
};

const leftBy = async (host: string, pid: number): Promise<string> => {
  const path = join(root, `${host}.${pid}.0123456789ab`);
  await mkdir(join(path, '1', 'out'), { recursive: true });
  return path;
};

/** The number of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid ?? 0;
}

describe('the directory of a worker', () => {
  it('is seen by nobody else, nor are those of its children', async () => {
    const directory = await openDirectory();

    const child = directory.forChild();

    const modes = await Promise.all(
      [directory.path, child, join(child, 'in')].map(async (path) => (await stat(path)).mode),
    );
    expect(modes).toEqual([0o40700, 0o40700, 0o40700]);
  });

  it('is removed when it is closed', async () => {
    const directory = await openDirectory();
    directory.forChild();

    await directory.close();

    await expect(readdir(root)).resolves.toEqual([]);
  });

  it('takes the place of one whose process is dead', async () => {
    await leftBy(hostname(), await deadPid());

    const directory = await openDirectory();

    await expect(readdir(root)).resolves.toEqual([basename(directory.path)]);
  });

  it('removes one whose process dies later', async () => {
    const directory = await openDirectory();
    await leftBy(hostname(), await deadPid());

    await until(async () => (await readdir(root)).length === 1, {
      timeoutMs: 15_000,
      describe: 'what a dead process has left is removed',
    });

    await expect(readdir(root)).resolves.toEqual([basename(directory.path)]);
  });

  it('takes the place of one whose process had the same number in an earlier life of the machine', async () => {
    await leftBy(hostname(), process.pid);

    const directory = await openDirectory();

    await expect(readdir(root)).resolves.toEqual([basename(directory.path)]);
  });

  it('stands beside one whose process lives', async () => {
    const other = await leftBy(hostname(), process.ppid);

    const directories = [await openDirectory(), await openDirectory()].map(({ path }) => path);

    expect((await readdir(root)).toSorted()).toEqual([other, ...directories].map((path) => basename(path)).toSorted());
  });

  it('removes one from another machine only when it has shown no sign of life for a day', async () => {
    const young = await leftBy('elsewhere', await deadPid());
    const old = await leftBy('far-away', await deadPid());
    await utimes(old, new Date(), new Date(Date.now() - 2 * DAY_MS));

    await openDirectory();

    await expect(readdir(root)).resolves.toContain(basename(young));
    await expect(readdir(root)).resolves.not.toContain(basename(old));
  });

  it('does not touch what has another kind of name', async () => {
    await mkdir(join(root, 'mine'));

    await openDirectory();

    await expect(readdir(root)).resolves.toContain('mine');
  });

  it('ends a child that a dead process has left', async () => {
    const left = await leftBy(hostname(), await deadPid());
    const env = { HOME: `${left}/1/out` };
    const child = spawn(process.execPath, ['-e', 'for (;;);'], { detached: true, stdio: 'ignore', env });
    const ended = once(child, 'exit');
    await once(child, 'spawn');

    await openDirectory();

    await expect(ended).resolves.toEqual([null, 'SIGKILL']);
  });
});
