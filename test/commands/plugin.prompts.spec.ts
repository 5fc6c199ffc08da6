import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../conditions.js';
import { keepDescriptions, takeDescriptions } from '../known.descriptions.js';
import { CASES, hello, PackageFolders, type Texts } from '../plugins/package.folders.js';
import { KEYS, Terminal } from '../terminal.js';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'toolyard-prompts-'));
});
afterAll(() => rm(home, { recursive: true }));

const toolyard = (args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<Terminal> =>
  Terminal.open([process.execPath, CLI, 'plugin', ...args], cwd, env);

/** What a person does instead of an answer. */
const WAYS_OUT: [string, (terminal: Terminal, question: string) => Promise<void>][] = [
  ['Ctrl-C', (terminal, question) => terminal.type(KEYS.ctrlC, question)],
  ['the end of the input', (terminal, question) => terminal.type(KEYS.ctrlD, question)],
  [
    'a closed window',
    async (terminal, question) => {
      await terminal.type('', question);
      await terminal.close();
    },
  ],
];

describe('toolyard plugin new, on a terminal', () => {
  it('asks what was not said, and again what makes no sense', async () => {
    await using terminal = await toolyard(['new'], home);

    await terminal.type(`Say It${KEYS.enter}`, 'Name');
    await terminal.type(`${'\u007F'.repeat(6)}say-it${KEYS.enter}`, 'must be of small letters');
    await terminal.type(KEYS.enter, 'Made of');
    await terminal.type(`Says "it"${KEYS.enter}`, 'What it does');
    await terminal.type(KEYS.enter, 'Licence');

    expect(await terminal.end()).toBe(0);
    expect(terminal.shown).toContain('Next: cd say-it && toolyard plugin dev');
    const manifest = JSON.parse(await readFile(join(home, 'say-it/package.json'), 'utf8'));
    expect(manifest).toMatchObject({ name: 'say-it', description: 'Says "it".', license: 'MIT' });
  });

  it.each(WAYS_OUT)('writes nothing after %s', async (_, leave) => {
    const empty = await mkdtemp(join(home, 'empty-'));
    await using terminal = await toolyard(['new', 'one'], empty);

    await terminal.type(KEYS.enter, 'Made of');
    await leave(terminal, 'What it does');

    expect(await terminal.end()).not.toBe(0);
    expect(await readdir(empty)).toEqual([]);
  });
});

describe('toolyard plugin install, on a terminal', () => {
  const QUESTION = 'Shall it get what it asks for?';
  const asking = { permissions: { env: ['HELLO_NAME'] } };
  let packages: PackageFolders;
  let env: { readonly DATA_DIR: string; readonly TMPDIR: string };
  let next: string;

  beforeAll(async () => {
    packages = await PackageFolders.make();
    env = { DATA_DIR: join(home, 'data'), TMPDIR: await mkdtemp(join(home, 'tmp-')) };
    await takeDescriptions(env.DATA_DIR);
    next = (await packages.pack(hello('2.0.0', asking))).path;
  });
  afterAll(() => packages[Symbol.asyncDispose]());

  const install = async (texts: Texts, ...flags: string[]): Promise<Terminal> =>
    toolyard(['install', (await packages.pack(texts)).path, ...flags], home, env);

  /** The versions that there are, and how many packages lie in the storage and beside it. */
  const kept = async () => {
    using rows = new DatabaseSync(join(env.DATA_DIR, 'toolyard.sqlite'), { readOnly: true });
    const versions = rows.prepare('select version, status from plugin_package order by version').all();
    const stored = await readdir(join(env.DATA_DIR, 'storage'), { recursive: true, withFileTypes: true });
    return {
      versions: versions.map(({ version, status }) => [version, status].join(' ')),
      stored: stored.filter((entry) => entry.isFile()).length,
      left: (await readdir(env.TMPDIR)).filter((name) => name.startsWith('toolyard-install-')),
    };
  };
  const UNTESTED = { ...hello('1.0.0'), 'hello-say.cases.yaml': 'cases: []\n' };
  const ONLY_THE_FIRST = { versions: ['1.0.0 current'], stored: 1, left: [] };

  it('takes no plugin without cases', async () => {
    await using terminal = await install(UNTESTED, '--yes');

    expect(await terminal.end()).toBe(1);
    expect(terminal.shown).toContain('@acme/hello has no case for hello-say');
    expect(await kept()).toEqual({ versions: [], stored: 0, left: [] });
    await keepDescriptions(env.DATA_DIR);
  });

  it('takes a yes, also without cases when it is told so', async () => {
    await using terminal = await install(UNTESTED, '--untested');

    await terminal.type('y', QUESTION);

    expect(await terminal.end()).toBe(0);
    expect(terminal.shown).toMatch(/Asks for: nothing[^]*Its own cases: 0 passed[^]*@acme\/hello@1.0.0 is enabled/);
    expect(await kept()).toEqual(ONLY_THE_FIRST);
  });

  it('shows what is asked for, and leaves nothing after a no', async () => {
    await using terminal = await toolyard(['install', next], home, env);

    await terminal.type(KEYS.enter, QUESTION);

    expect(await terminal.end()).toBe(1);
    expect(terminal.shown).toMatch(/Asks for: env HELLO_NAME\s+More than 1.0.0: env HELLO_NAME\s+No longer: nothing/);
    expect(terminal.shown).toContain('It is not installed.');
    expect(await kept()).toEqual(ONLY_THE_FIRST);
  });

  it.each(WAYS_OUT)('leaves nothing after %s', async (_, leave) => {
    await using terminal = await toolyard(['install', next], home, env);

    await leave(terminal, QUESTION);

    expect(await terminal.end()).not.toBe(0);
    // Where nobody looks on any more, the command has not ended yet.
    await until(async () => (await kept()).left.length === 0, { describe: 'it is over', timeoutMs: 20_000 });
    expect(await kept()).toEqual(ONLY_THE_FIRST);
  });

  it('leaves nothing after Ctrl-C while its cases run', async () => {
    const holding = `${CASES}  - name: holds\n    options: { act: hold }\n`.replaceAll('VERSION', '2.0.0');
    await using terminal = await install({ ...hello('2.0.0', asking), 'hello-say.cases.yaml': holding });

    await terminal.type('y', QUESTION);
    await terminal.type(KEYS.ctrlC, '│  Yes');

    expect(await terminal.end()).toBe(1);
    expect(terminal.shown).toContain('Interrupted.');
    expect(await kept()).toEqual(ONLY_THE_FIRST);
  });
});
