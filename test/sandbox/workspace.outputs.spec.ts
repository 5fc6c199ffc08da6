import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { link, mkdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Slot } from '../../src/sandbox/slot.js';
import type { OutputFile } from '../../src/sdk/index.js';
import { type FoundOutput, Workspace } from '../../src/sandbox/workspace.js';
import { prepareSqlite, type TestDatabase } from '../database/databases.js';
import { pluginNamed, TestSandbox } from './sandbox.harness.js';
import { filesOf, type TestFiles } from '../worker/files.js';

const ENOUGH = 1_000_000;

const refusal = (message: string | RegExp) =>
  expect.objectContaining({ code: 'output_invalid', message: expect.stringMatching(message) });

let yard: TestSandbox;
let slot: Slot;
let ground: TestDatabase;
let files: TestFiles;

beforeAll(async () => {
  yard = await TestSandbox.open();
  slot = await yard.acquire(pluginNamed('good'));
  ground = await prepareSqlite();
  files = await filesOf(ground);
});
afterAll(async () => {
  slot.release();
  await yard.close();
  await ground[Symbol.asyncDispose]();
});

describe('the outputs of a run', () => {
  let workspace: Workspace;
  beforeEach(() => {
    workspace = new Workspace(slot, 'run');
  });
  afterEach(() => workspace[Symbol.asyncDispose]());

  const inside = (name: string) => join(workspace.path, name);
  const write = async (name: string, content = 'content'): Promise<string> => {
    await writeFile(inside(name), content);
    return inside(name);
  };
  const look = (claimed: readonly OutputFile[], maxBytes = ENOUGH) => workspace.outputs(claimed, maxBytes);

  it('are read where they are, once', async () => {
    await mkdir(inside('deep'));
    const claimed = [{ path: await write('a.txt') }, { path: await write('deep/b'), name: 'other name.txt' }];

    const found = await look(claimed);

    expect(found.map(({ name, size }) => ({ name, size }))).toEqual([
      { name: 'a.txt', size: 7 },
      { name: 'other name.txt', size: 7 },
    ]);
    for (const output of found) await expect(text(output.chunks())).resolves.toBe('content');
  });

  it('are read into one buffer, because many would be work for the garbage collector', async () => {
    const content = randomBytes(3_500_000);
    const path = inside('large');
    await writeFile(path, content);
    const [found] = await look([{ path }], content.length);

    const hash = createHash('sha256');
    const buffers = new Set<unknown>();
    for await (const chunk of found?.chunks() ?? []) {
      hash.update(chunk);
      buffers.add(chunk.buffer);
    }

    expect(hash.digest()).toEqual(createHash('sha256').update(content).digest());
    expect(buffers.size).toBe(1);
  });

  it('may be none', async () => {
    await expect(look([])).resolves.toEqual([]);
  });

  const outside = 'The tool names an output that is not in its workspace.';
  const irregular = 'The tool names an output that is not a regular file.';
  const linked = 'The tool names an output that is a link to another file.';

  it.each<[string, string, () => Promise<string>]>([
    ['outside of the workspace', outside, async () => '/etc/passwd'],
    ['that does not exist', outside, async () => inside('nothing')],
    [
      'beside the workspace',
      outside,
      async () => {
        await mkdir(`${workspace.path}-other`);
        await writeFile(`${workspace.path}-other/a`, 'a');
        return `${workspace.path}-other/a`;
      },
    ],
    ['by a way out of it', outside, async () => `${workspace.path}/../../in`],
    ['by a way out of it and in again', outside, async () => `${workspace.path}/../../../../../../../etc/hostname`],
    ['with an empty path', outside, async () => ''],
    ['with a path that has a NUL in it', outside, async () => inside('a\0b')],
    ['with a relative path', outside, async () => 'package.json'],
    ['that is the workspace itself', outside, async () => workspace.path],
    [
      'that is a directory',
      irregular,
      async () => {
        await mkdir(inside('directory'));
        return inside('directory');
      },
    ],
    [
      'that is a link to a file outside',
      outside,
      async () => {
        await symlink('/etc/passwd', inside('link'));
        return inside('link');
      },
    ],
    [
      'below a link to a directory outside',
      outside,
      async () => {
        await symlink('/etc', inside('link'));
        return inside('link/passwd');
      },
    ],
    [
      'that is a link to a file inside',
      irregular,
      async () => {
        await symlink(await write('file'), inside('link'));
        return inside('link');
      },
    ],
    [
      'that is a named pipe',
      irregular,
      async () => {
        execFileSync('mkfifo', [inside('pipe')]);
        return inside('pipe');
      },
    ],
    [
      'that is an input under a second name',
      linked,
      async () => {
        const [input] = await workspace.stage(files.service, [await files.stored('secret')]);
        await link(input?.path ?? '', inside('hard'));
        return inside('hard');
      },
    ],
  ])('may not be one %s', async (_, message, make) => {
    const path = await make();

    await expect(look([{ path }])).rejects.toEqual(refusal(message));

    await rm(`${workspace.path}-other`, { recursive: true, force: true });
  });

  it('may not be larger than allowed, all together', async () => {
    const claimed = [{ path: await write('a', 'x'.repeat(60)) }, { path: await write('b', 'x'.repeat(40)) }];

    await expect(look(claimed, 100)).resolves.toHaveLength(2);
    await expect(look(claimed, 99)).rejects.toMatchObject({
      code: 'output_too_large',
      message: 'The tool made 100 bytes; 99 are allowed.',
    });
  });

  it('may not seem large without being it', async () => {
    const path = await write('sparse', '');
    await truncate(path, 10 ** 12);

    await expect(look([{ path }])).rejects.toMatchObject({ code: 'output_too_large' });
  });

  it('may not be more than a thousand', async () => {
    const path = await write('a', '');
    const claimed = (number: number) => Array.from({ length: number }, () => ({ path }));

    await expect(look(claimed(1_000))).resolves.toHaveLength(1_000);
    await expect(look(claimed(1_001))).rejects.toMatchObject({ code: 'output_too_large' });
  });

  describe('that were looked at, and swapped afterwards', () => {
    it.each<[string, (path: string) => Promise<unknown>]>([
      ['for a link', (path) => symlink('/etc/passwd', path)],
      ['for another file', async (path) => rename(await write('other'), path)],
      ['for a second name of another file', async (path) => link(await write('other'), path)],
      ['for a directory', (path) => mkdir(path)],
      ['for a named pipe', async (path) => execFileSync('mkfifo', [path])],
      ['for nothing', async () => {}],
    ])('are refused when they are opened: %s', async (_, swap) => {
      const path = await write('a');
      const [found] = await look([{ path }]);
      await rename(path, inside('away'));
      await swap(path);

      await expect(read(found)).rejects.toThrow(/changed an output|ELOOP|ENOENT|ENXIO/);
    });

    it('are refused when a directory above them is a link by now', async () => {
      await mkdir(inside('directory'));
      const path = await write('directory/passwd');
      const [found] = await look([{ path }]);
      await rename(inside('directory'), inside('away'));
      await symlink('/etc', inside('directory'));

      await expect(read(found)).rejects.toEqual(refusal(/^The tool changed an output after it had answered\.$/));
    });
  });
});

async function read(output: FoundOutput | undefined): Promise<string> {
  if (!output) throw new Error('There is no output.');
  return text(output.chunks());
}
