import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { listTasks } from '../flows/client.js';
import { picture } from '../files/detection/samples.js';
import { ADMIN, type Platform, startPlatform } from '../platform.js';
import { until } from '../conditions.js';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

let platform: Platform;
let directory: string;
let env: Record<string, string>;

beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform[Symbol.asyncDispose]());
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'toolyard-remote-'));
  const key = platform.credentials['authorization']?.replace('Bearer ', '') ?? '';
  env = { PATH: process.env['PATH'] ?? '', HOME: directory, TOOLYARD_URL: platform.url, TOOLYARD_KEY: key };
  await writeFile(join(directory, 'photo.jpg'), await picture('jpeg', 400));
});
afterEach(() => rm(directory, { recursive: true }));

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function start(args: readonly string[]) {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const child = execFile(process.execPath, [CLI, ...args], { env, cwd: directory }, (error, out, err) =>
    resolve({ code: error ? Number(error.code) : 0, out, err }),
  );
  return { child, promise };
}

function toolyard(args: readonly string[], input = ''): Promise<Outcome> {
  const { child, promise } = start(args);
  child.stdin?.end(input);
  return promise;
}

const linesOf = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
const LOGIN = '.config/toolyard/login.json';
const statusOf = async (tag: string) => (await listTasks(platform, `?tag=${tag}`)).data[0]?.status;
const at = (name: string): string => join(directory, name);

describe('toolyard run', () => {
  it('runs a tool on a file, with its options as flags, and tells it in JSON', async () => {
    const { code, out, err } = await toolyard([
      'run',
      'image-convert',
      'photo.jpg',
      '--width',
      '32',
      '--format',
      'webp',
      '-o',
      'out.webp',
    ]);

    expect({ code, err }).toEqual({ code: 0, err: '' });
    await expect(sharp(at('out.webp')).metadata()).resolves.toMatchObject({ format: 'webp', width: 32 });
    const events = linesOf(out);
    expect(events[0]).toMatchObject({ event: 'progress', stage: 'uploading', input: 'photo.jpg' });
    expect(events.at(-1)).toMatchObject({ event: 'completed', input: 'photo.jpg', output: 'out.webp' });
  });

  it('runs it on each of several files, which a pattern may name', async () => {
    for (const name of ['a.jpg', 'b.jpg']) await writeFile(at(name), await picture('jpeg', 100));

    const { code, out } = await toolyard(['run', 'image-convert', '?.jpg', '--format', 'png']);

    expect(code).toBe(0);
    const done = linesOf(out).filter(({ event }) => event === 'completed');
    expect(new Set(done.map(({ output }) => output))).toEqual(new Set(['a.png', 'b.png']));
    expect((await readdir(directory)).filter((name) => name.endsWith('.png')).toSorted()).toEqual(['a.png', 'b.png']);
  });

  it('overwrites nothing that it was not told to', async () => {
    await writeFile(at('photo.webp'), 'mine');

    const { code, out } = await toolyard(['run', 'image-convert', 'photo.jpg', '--format', 'webp']);

    expect([code, linesOf(out).at(-1)]).toMatchObject([
      2,
      { event: 'failed', message: expect.stringContaining('--force') },
    ]);
    await expect(readFile(at('photo.webp'), 'utf8')).resolves.toBe('mine');
    expect((await toolyard(['run', 'image-convert', 'photo.jpg', '--format', 'webp', '-f'])).code).toBe(0);
  });

  it('keeps one of two results of the same name, and says so', async () => {
    for (const name of ['a', 'b']) {
      await mkdir(at(name));
      await writeFile(at(`${name}/x.jpg`), await picture('jpeg', 100));
    }

    const { code, out } = await toolyard(['run', 'image-convert', 'a/x.jpg', 'b/x.jpg', '--format', 'png', '--force']);

    const count = (wanted: string) => linesOf(out).filter(({ event }) => event === wanted).length;
    expect([code, count('completed'), count('failed')]).toEqual([2, 1, 1]);
    expect((await readdir(directory)).filter((name) => name.startsWith('x.'))).toEqual(['x.png']);
  });

  it('writes to the standard output nothing but the result', async () => {
    const { code, out, err } = await toolyard(['run', 'echo', '--message', 'hello', '-o', '-']);

    expect([code, JSON.parse(out)]).toMatchObject([0, { message: 'hello' }]);
    expect(linesOf(err).at(-1)).toMatchObject({ event: 'completed' });
  });

  it('tells the data of a tool that makes no file', async () => {
    const { out } = await toolyard(['run', 'file-hash', 'photo.jpg', '--algorithms', 'md5', 'sha1']);

    const { data } = linesOf(out).at(-1) as { data: { files: [{ digests: object }] } };
    expect(Object.keys(data.files[0].digests).toSorted()).toEqual(['md5', 'sha1']);
  });

  it('tells the options of a tool', async () => {
    const { code, out } = await toolyard(['run', 'image-convert', '--help']);

    expect(code).toBe(0);
    expect(out).toMatch(/--width <number> +Width in pixels\./);
    expect(out).toContain('--keep-metadata');
    expect(out).toContain('-o, --output <path>');
  });

  it.each([
    ['a flag that there is not', ['run', 'echo', '--colour', 'red'], 2],
    ['a file that there is not', ['run', 'image-convert', 'nothing.jpg', '--format', 'webp'], 2],
    ['no tool', ['run', '--width', '3'], 2],
    ['a tool that there is not', ['run', 'nothing'], 5],
    ['an option that the tool refuses', ['run', 'echo', '--delay-ms', '-5'], 4],
    ['a tool that fails', ['run', 'echo', '--fail', 'error'], 6],
  ])('ends with a code of its own for %s', async (_, args, code) => {
    const { code: ended, out, err } = await toolyard(args);

    expect({ ended, said: out.length + err.length > 10 }).toEqual({ ended: code, said: true });
  });

  it('ends with codes of their own where nobody lets it in, or answers', async () => {
    env = { ...env, TOOLYARD_KEY: 'ty_live_wrong' };
    expect((await toolyard(['run', 'echo'])).code).toBe(3);
    env = { ...env, TOOLYARD_URL: 'http://127.0.0.1:1' };
    expect((await toolyard(['run', 'echo'])).code).toBe(8);
  });

  it('cancels the task when it is interrupted', async () => {
    const { child, promise } = start(['run', 'echo', '--delay-ms', '60000', '--tag', 'interrupted']);
    await until(async () => (await statusOf('interrupted')) === 'processing', {
      timeoutMs: 15_000,
      describe: 'the task runs',
    });

    child.kill('SIGINT');

    expect((await promise).code).toBe(130);
    await until(async () => (await statusOf('interrupted')) === 'cancelled', { describe: 'the task is cancelled' });
  });
});

describe('toolyard tools and tasks', () => {
  it('list what there is', async () => {
    await toolyard(['run', 'echo', '--message', 'listed', '--tag', 'listed']);

    expect((await toolyard(['tools'])).out).toMatch(/^image-convert +\S/m);
    expect(linesOf((await toolyard(['tools', '--json'])).out).map(({ name }) => name)).toContain('echo');
    expect((await toolyard(['tasks', '--tag', 'listed'])).out).toMatch(/completed +echo/);
    expect(linesOf((await toolyard(['tasks', '--tag', 'listed', '--json'])).out)).toMatchObject([{ tag: 'listed' }]);
  });
});

describe('toolyard login', () => {
  it('keeps a key for nobody but the user', async () => {
    const { TOOLYARD_KEY: key = '', TOOLYARD_URL: url = '', ...others } = env;
    env = others;
    expect(await toolyard(['tools'])).toMatchObject({ code: 1, err: expect.stringContaining('toolyard login') });

    const { code, out } = await toolyard(['login', url], `${key}\n`);

    expect([code, out]).toEqual([0, expect.stringContaining(at(LOGIN))]);
    expect((await stat(at(LOGIN))).mode & 0o777).toBe(0o600);
    expect(out).not.toContain(key);
    expect((await toolyard(['tools'])).code).toBe(0);
  });

  it('makes a key of a password', async () => {
    const { TOOLYARD_URL: url = '', TOOLYARD_KEY: _, ...others } = env;
    env = others;

    const { code } = await toolyard(['login', url, '--email', ADMIN.email], `${ADMIN.password}\n`);

    expect(code).toBe(0);
    expect(await readFile(at(LOGIN), 'utf8')).not.toContain(ADMIN.password);
    expect((await toolyard(['run', 'echo'])).code).toBe(0);
  });

  it('keeps nothing that does not open the door', async () => {
    const { code, err } = await toolyard(['login', platform.url], 'ty_live_wrong\n');

    expect({ code, err }).toEqual({ code: 3, err: expect.stringContaining('not valid') });
    await expect(stat(at(LOGIN))).rejects.toThrow('ENOENT');
  });

  it('shows a key to no other server than its own', async () => {
    const { TOOLYARD_URL: url = '', TOOLYARD_KEY: key = '', ...others } = env;
    env = others;
    await toolyard(['login', url], `${key}\n`);
    env = { ...env, TOOLYARD_URL: 'http://127.0.0.1:1' };

    expect(await toolyard(['tools'])).toMatchObject({ code: 1, err: expect.stringContaining('not logged in') });
  });
});
