import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../conditions.js';
import { type Platform, startPlatform } from '../platform.js';

const execute = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');
const page = readFileSync(join(ROOT, 'docs/plugins/tutorial.md'), 'utf8');
/** As people would: some of it is read, and the platform is not asked to hurry. */
const STEP_MS = 120_000;

interface Block {
  readonly language: string;
  readonly text: string;
}

const blocksOf = (chapter: string): Block[] => {
  const text = page.split(/^## /m).find((part) => part.startsWith(chapter)) ?? '';
  return [...text.matchAll(/^```(\w+)\n(.*?)^```/gms)].map(([, language = '', text = '']) => ({ language, text }));
};

const chapters = [...page.matchAll(/^## (\d+\. .*)$/gm)].map(([, title = '']) => title);
const commandsIn = (text: string): string[] =>
  text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');

let home: string;
let folder: string;
let platform: Platform;
let variables: string;
let key = '';

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'toolyard-tutorial-'));
  folder = join(home, 'keep-lines');
  await mkdir(join(home, 'home'));
  platform = await startPlatform({ env: { ADMIN_EMAIL: '', ADMIN_PASSWORD: '' } });
  variables = here(blocksOf('1. ')[0]?.text ?? '');
}, STEP_MS);
afterAll(async () => {
  await platform[Symbol.asyncDispose]();
  await rm(home, { recursive: true });
});

const here = (text: string): string =>
  text
    .replaceAll('/path/to/toolyard', ROOT)
    .replaceAll('"$TOOLYARD/data"', `'${platform.dataDir}'`)
    .replaceAll('http://127.0.0.1:8080', platform.url);

const ENVIRONMENT = { PATH: process.env['PATH'] ?? '', TMPDIR: process.env['TMPDIR'] ?? tmpdir() };

/** Gives the lines to a shell, as somebody who copies them; answers what they print, also when one fails. */
const shell = async (lines: string, cwd: string): Promise<string> => {
  const env = { ...ENVIRONMENT, HOME: join(home, 'home') };
  const script = `${variables}\nKEY=${key}\nDATA_DIR='${platform.dataDir}'\nexport DATA_DIR\n${here(lines)}\n`;
  const running = execute('sh', ['-euc', script], { cwd, env });
  running.child.stdin?.end('a password for the tutorial\n');
  return (await running).stdout;
};

/** The platform of the author goes on while the page is read on. */
const dev = async (lines: string, meanwhile: (said: () => string) => Promise<void>): Promise<void> => {
  const env = { ...ENVIRONMENT, HOME: join(home, 'home') };
  const script = `${variables}\n${lines.replace('toolyard plugin', 'toolyard() { exec "$TOOLYARD/node_modules/.bin/node" "$TOOLYARD/dist/cli.js" "$@"; }; toolyard plugin')}`;
  const running = spawn('sh', ['-euc', script], { cwd: folder, env });
  let text = '';
  running.stdout.on('data', (chunk) => (text += String(chunk)));
  running.stderr.on('data', (chunk) => (text += String(chunk)));
  await until(() => text.includes('Open http://127.0.0.1:'), { describe: 'dev is open', timeoutMs: STEP_MS });
  try {
    await meanwhile(() => text);
  } finally {
    running.kill('SIGINT');
    await once(running, 'exit');
  }
};

describe('the tutorial', () => {
  const started = performance.now();

  it('leads to pages that exist', () => {
    const links = [...page.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path ?? '');

    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((path) => !existsSync(join(ROOT, 'docs/plugins', path)))).toEqual([]);
  });

  it('has as many commands as it says', () => {
    const commands = chapters
      .flatMap(blocksOf)
      .flatMap(({ language, text }) => (language === 'sh' ? commandsIn(text) : []));

    expect(page).toContain(`${commands.length} commands`);
  });

  it(
    'begins a plugin in an empty folder',
    async () => {
      const [, doctor] = blocksOf('1. ');
      const [begin] = blocksOf('2. ');

      expect(await shell(doctor?.text ?? '', home)).toMatch(/^present +node /);
      await shell(begin?.text ?? '', home);

      expect(existsSync(join(folder, 'keep-lines.tool.ts'))).toBe(true);
    },
    STEP_MS,
  );

  it(
    'follows what is written',
    async () => {
      const [start, source] = blocksOf('3. ');

      await dev(start?.text ?? '', async (said) => {
        await writeFile(join(folder, 'keep-lines.tool.ts'), source?.text ?? '');
        await until(() => said().split('Loaded: keep-lines').length > 2, {
          describe: 'it is loaded',
          timeoutMs: 15_000,
        });
      });
    },
    STEP_MS,
  );

  it(
    'is told what to mend, and has it mended',
    async () => {
      const [look, mend] = blocksOf('4. ');

      await expect(shell(look?.text ?? '', folder)).rejects.toMatchObject({
        stdout: expect.stringMatching(/^keep-lines\.tool\.ts:8 .*\n.*\n.*--fix mends 1\.\n$/),
      });
      expect(await shell(mend?.text ?? '', folder)).toBe('Mended: 1. There is nothing to mend.\n');
    },
    STEP_MS,
  );

  it(
    'is tested, tortured and packed',
    async () => {
      const [written, test] = blocksOf('5. ');
      await appendFile(join(folder, 'keep-lines.cases.yaml'), written?.text ?? '');

      expect(await shell(test?.text ?? '', folder)).toContain('4 passed, 0 failed');
      expect(await shell(blocksOf('6. ')[0]?.text ?? '', folder)).toContain(' 0 faults');
      expect(await shell(blocksOf('7. ')[0]?.text ?? '', folder)).toContain('keep-lines-0.1.0.tgz: ');
    },
    STEP_MS,
  );

  it(
    'is installed beside a running server',
    async () => {
      const [, install] = blocksOf('8. ');

      const said = await shell(`${install?.text ?? ''}\necho $KEY`, folder);

      key = said.trim().split('\n').at(-1) ?? '';
      expect(said).toContain('Its own cases: 4 passed, 0 skipped.');
      expect(said).toContain('keep-lines@0.1.0 is enabled.');
      await until(async () => (await platform.as({ 'x-api-key': key }).get('/api/v1/tools/keep-lines')).ok, {
        describe: 'the server knows it',
        timeoutMs: 15_000,
      });
    },
    STEP_MS,
  );

  it(
    'is run over HTTP, and from the command line',
    async () => {
      const [http, command] = blocksOf('9. ');
      const standIn = `curl() { '${process.execPath}' '${join(ROOT, 'test/fixtures/curl.ts')}' "$@"; }\n`;

      const task = JSON.parse(await shell(`${standIn}${http?.text ?? ''}`, folder));
      const shown = await shell(command?.text ?? '', folder);

      expect(task).toMatchObject({ status: 'completed', data: { lines: 5, kept: 2 } });
      expect(shown).toContain('a brown dog\na grey mouse\n');
      expect(await readFile(join(folder, 'dogs-and-mice.txt'), 'utf8')).toBe('a brown dog\na grey mouse\n');
      const minutes = (performance.now() - started) / 60_000;
      // What is left of the fifteen is for reading.
      expect(minutes).toBeLessThan(5);
    },
    STEP_MS,
  );
});
