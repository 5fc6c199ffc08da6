import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { madePlugin } from '../trials/made.plugin.js';

const execute = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');

let home: string;
let folder: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'toolyard-home-'));
  const cases =
    'cases:\n' +
    '  - { name: passes, inputs: [a.txt] }\n' +
    '  - { name: fails, inputs: [a.txt], expect: { error: too_late } }\n';
  const plugin = await madePlugin({ 'fixtures/a.txt': 'A text.\n', 'give-back.cases.yaml': cases });
  folder = plugin.code.directory;
});
afterAll(async () => {
  await rm(home, { recursive: true });
  await rm(dirname(folder), { recursive: true });
});

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function test(...args: string[]): Promise<Said> {
  const line = [join(ROOT, 'dist/cli.js'), 'plugin', 'test', ...args];
  // With nothing set that the house would want.
  const env = { HOME: home, XDG_CACHE_HOME: join(home, 'cache') };
  try {
    return { code: 0, ...(await execute(process.execPath, line, { env, cwd: home })) };
  } catch (error) {
    return error as Said;
  }
}

describe('toolyard plugin test', () => {
  it('says what passed and what failed, in words and in XML, and fails', async () => {
    const { code, stdout } = await test(folder, '--junit', 'report.xml');

    expect(code).toBe(1);
    expect(stdout).toMatch(/^✓ give-back: passes .*\n✗ give-back: fails/);
    await expect(readFile(join(home, 'report.xml'), 'utf8')).resolves.toContain('tests="2" failures="1"');
  });

  it('runs only what failed, when it is asked to, and answers in JSON', async () => {
    const { code, stdout } = await test(folder, '--failed', '--json');

    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ passed: 0, failed: 1, results: [{ name: 'fails' }] });
  });

  it('ends well when all cases do', async () => {
    await expect(test(folder, '--case', 'passes')).resolves.toMatchObject({ code: 0, stderr: '' });
  });

  it.each([
    ['no case', ['--case', 'nothing like that'], 2, 'There is no such case to run.'],
    ['no class of torture', ['--torture', '--class', 'rack'], 2, 'There is no class called rack. There are: empty,'],
    ['no plugin', [], 1, 'is no plugin: it has no package.json.'],
  ])('says what is wrong with the request: %s', async (what, flags, code, words) => {
    const said = await test(what === 'no plugin' ? home : folder, ...flags);

    expect(said).toMatchObject({ code, stderr: expect.stringContaining(words) });
  });

  it('tortures, and prints a table', async () => {
    const { code, stdout } = await test(folder, '--torture', '--class', 'empty', '--seed', '3');

    expect(code).toBe(0);
    expect(stdout).toMatch(/^tool +empty +one-byte/m);
    expect(stdout).toMatch(/^give-back +1 +–/m);
    expect(stdout).toContain('1 tools, 1 attempts, 0 faults');
  });
});
