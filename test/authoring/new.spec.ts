import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readCommandLine } from '../../src/authoring/command.line.js';
import { manifestSchema } from '../../src/plugins/plugin.manifest.js';
import { plugin } from './author.command.js';

const execute = promisify(execFile);
const PACKAGES = fileURLToPath(new URL('../../node_modules', import.meta.url));

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'toolyard-new-'));
});
afterEach(() => rm(directory, { recursive: true }));

const nothing = (): boolean => false;
/** @param there the files that are there */
const read = (line: string, ...there: string[]) => readCommandLine(line, (path) => there.includes(path));

describe('a command of a terminal', () => {
  it('is taken apart: what is there it reads, the last file that is not it writes', () => {
    expect(read('qpdf --linearize in.pdf out.pdf')).toEqual({
      program: 'qpdf',
      args: ['--linearize', '{input}', '{output}'],
      inputs: ['in.pdf'],
      output: 'out.pdf',
    });
    expect(read(`sort --key=1.2 -t '{ }' --output=new.txt dir/a.txt b.txt`, 'dir/a.txt', 'b.txt')).toEqual({
      program: 'sort',
      args: ['--key=1.2', '-t', '{{ }}', '--output={output}', '{input:1}', '{input:2}'],
      inputs: ['dir/a.txt', 'b.txt'],
      output: 'new.txt',
    });
    expect(read('pdfinfo -box paper.pdf')).toMatchObject({ args: ['-box', '{input}'], output: undefined });
  });

  it.each(['cat a.txt | sort', 'sort < a.txt', 'echo $HOME', 'a `b`', './run.sh a.txt', "sort 'a.txt", 'a && b', ''])(
    'is refused when it needs a shell, or is none: %s',
    (line) => {
      expect(() => readCommandLine(line, nothing)).toThrow(/shell|quote|begins with/);
    },
  );
});

describe('toolyard plugin new', () => {
  it('makes a tool of a command, tries it, and expects what came of it', async () => {
    await writeFile(join(directory, 'in.txt'), 'b\na\n');
    const command = 'sort --reverse --output=out.txt in.txt';

    const made = await plugin(['new', 'turn-round', '--yes', '--from-command', command], directory);
    const tested = await plugin(['test', 'turn-round'], directory);
    const linted = await plugin(['lint', 'turn-round'], directory);
    const failed = await plugin(['new', 'no-such', '--from-command', 'sort --nonsense in.txt out.txt'], directory);

    expect([made.code, tested.code, linted.code, failed.code]).toEqual([0, 0, 0, 1]);
    expect(tested.out).toContain('1 passed, 0 failed');
    expect(failed.err).toContain('sort ended with exit code 2');
    expect(await readdir(directory)).toEqual(['in.txt', 'turn-round']);
    expect(await readFile(join(directory, 'turn-round/fixtures/in.txt'), 'utf8')).toBe('b\na\n');
  });

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
