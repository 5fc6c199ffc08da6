import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../conditions.js';
import { obtainBinary } from '../servers/obtain-binary.js';
import { onBusyMachine } from '../time.limits.js';
import { plugin } from './author.command.js';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const FIRST_LOAD = 30_000;

let home: string;
let tool: string;
let house: ChildProcess;
let said = '';
let url = '';
let browser: Browser;
let page: Page;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'toolyard-author-'));
  await plugin(['new', 'keep-lines', '--yes'], home);
  tool = join(home, 'keep-lines', 'keep-lines.tool.ts');
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, TMPDIR: home };
  house = spawn(process.execPath, [CLI, 'plugin', 'dev', 'keep-lines'], { cwd: home, env });
  house.stdout?.on('data', (chunk) => (said += String(chunk)));
  house.stderr?.on('data', (chunk) => (said += String(chunk)));
  [, url = ''] = await until(() => /^Open (\S+)$/m.exec(said), { describe: 'it is open', timeoutMs: FIRST_LOAD });
  const executablePath = await obtainBinary({ name: 'chromium', server: 'Chromium', package: 'chromium' });
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  page = await browser.newPage();
  await page.goto(url);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  house.kill('SIGTERM');
  if (house.exitCode === null) await once(house, 'exit');
  await rm(home, { recursive: true });
});

const state = () => page.locator('#state').textContent();

describe('toolyard plugin dev', () => {
  it('draws a form from the options, runs the tool on a file and shows what it made', async () => {
    const refused: string[] = [];
    page.on('console', (message) => message.type() === 'error' && refused.push(message.text()));
    await page.getByLabel('word (required)').fill('cat');
    await page.getByLabel('ignore_case').check();
    await page.getByLabel('Files').setInputFiles(join(home, 'keep-lines/fixtures/animals.txt'));

    await page.getByRole('button', { name: 'Run' }).click();

    await page.getByText('completed').waitFor();
    const link = page.getByRole('link', { name: 'animals.txt' });
    const [saved] = await Promise.all([page.waitForEvent('download'), link.click()]);
    expect(await readFile(await saved.path(), 'utf8')).toBe('a black cat\na white cat\n');
    expect(await page.locator('#outputs pre').textContent()).toBe('a black cat\na white cat\n');
    expect(JSON.parse((await page.locator('#data').textContent()) ?? '')).toMatchObject({ kept: 2 });
    expect(refused).toEqual([]);
  });

  it('shows the words of the tool when it refuses', async () => {
    await page.getByLabel('word (required)').fill('whale');

    await page.getByRole('button', { name: 'Run' }).click();

    await page.getByText('nothing_found: ').waitFor();
    expect(await page.locator('#error').textContent()).toBe('nothing_found: No line has the word whale.');
  });

  it('follows what is saved within a second, and keeps what was typed', async () => {
    const source = await readFile(tool, 'utf8');
    const took: number[] = [];

    // The fastest of three: this machine may do something else meanwhile.
    for (const words of ['Said once.', 'Said twice.', 'Said anew.']) {
      const began = performance.now();
      await writeFile(tool, source.replace('Lines with this word are kept.', words));
      await page.getByText(words).waitFor();
      took.push(Math.round(performance.now() - began));
    }

    expect(Math.min(...took)).toBeLessThan(onBusyMachine(1_000));
    expect(await page.getByLabel('word (required)').inputValue()).toBe('whale');
  });

  it('tells what is wrong with the file and the line, and when it is mended', async () => {
    const source = await readFile(tool, 'utf8');

    await appendFile(tool, '\nconst broken: = 1;\n');
    await page.getByText(/^keep-lines\.tool\.ts:\d+: /).waitFor();
    const line = source.split('\n').length + 1;
    expect(await page.locator('#faults').textContent()).toContain(`keep-lines.tool.ts:${line}: `);

    await writeFile(tool, source);
    await page.locator('#faults').waitFor({ state: 'hidden' });
    await until(async () => (await state())?.startsWith('Loaded in'), { describe: 'it is loaded' });
  });

  it('shows where the tool crashed', async () => {
    const source = await readFile(tool, 'utf8');
    await writeFile(tool, source.replace('const [input] = inputs;', 'const [input] = inputs; null.length;'));
    await until(() => said.split('Loaded: keep-lines').length === 7, { describe: 'it is loaded' });

    await page.getByRole('button', { name: 'Run' }).click();

    await page.getByText(/keep-lines\.tool\.ts:\d+:\d+/).waitFor();
    expect(await page.locator('#error').textContent()).not.toContain(home);
  });

  it('tells nothing to whoever has no key, and leaves nothing behind', async () => {
    const { origin } = new URL(url);

    const answers = await Promise.all(
      ['/dev/changes', '/api/v1/tools', '/dev/client/..%2f..%2fapp.js'].map((path) => fetch(`${origin}${path}`)),
    );
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 404]);

    house.kill('SIGTERM');
    await once(house, 'exit');
    expect(house.exitCode).toBe(0);
    expect((await readdir(home)).filter((name) => name.startsWith('toolyard-'))).toEqual([]);
  });
});
