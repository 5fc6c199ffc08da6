import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { manifestSchema } from '../../src/plugins/plugin.manifest.js';
import { plugin } from './author.command.js';

const execute = promisify(execFile);
const PACKAGES = fileURLToPath(new URL('../../node_modules', import.meta.url));

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'toolyard-new-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('toolyard plugin new', () => {
  it('writes a plugin whose types are right where nothing is known of this repository', async () => {
    const flags = ['--title', 'Say "hi"', '--description', "it's a 'test' of \"quotes\"", '--license', 'ISC'];
    const { code, out } = await plugin(['new', 'say-hi', '--yes', ...flags], directory);
    const folder = join(directory, 'say-hi');
    const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');

    expect({ code, said: out }).toEqual({ code: 0, said: expect.stringContaining('cd say-hi && toolyard plugin dev') });
    const manifest = JSON.parse(await read('package.json'));
    expect(manifestSchema.parse(manifest)).toMatchObject({ name: 'say-hi', toolyard: { title: 'Say "hi"' } });
    expect(manifest).toMatchObject({ license: 'ISC', description: "It's a 'test' of \"quotes\"." });
    const names = await readdir(folder, { recursive: true });
    expect(manifest.files.filter((name: string) => !names.includes(name))).toEqual([]);
    expect(names).toContain('.github/workflows/test.yml');

    await symlink(PACKAGES, join(folder, 'node_modules'));
    const types = execute(process.execPath, [join(PACKAGES, '.bin/tsc'), '-p', folder]);
    await expect(types).resolves.toMatchObject({ stdout: '' });
  });

  it('refuses a name that is none, and a folder with something in it', async () => {
    await writeFile(join(directory, 'mine'), '');

    const outcomes = await Promise.all([
      plugin(['new', 'Not Kebab', '--yes'], directory),
      plugin(['new', '../up', '--yes'], directory),
      plugin(['new'], directory),
      plugin(['new', 'mine'], directory),
    ]);

    expect(outcomes.map(({ code }) => code)).toEqual([1, 1, 1, 1]);
    expect(outcomes.map(({ err }) => err.trim())).toEqual([
      expect.stringContaining('must be of small letters'),
      expect.stringContaining('must be of small letters'),
      expect.stringContaining('A name is missing'),
      expect.stringContaining('mine'),
    ]);
    expect(await readdir(directory)).toEqual(['mine']);
  });
});
