import { link, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PluginPermissions } from '../../src/sandbox/plugin.code.js';
import { perform, pluginNamed, TESTED_MODES, TestSandbox } from './sandbox.harness.ts';

/** What an attempt ends with behind each layer: what Node refuses, and what is not even there. */
const DENIED = 'ERR_ACCESS_DENIED';
const MISSING = 'ENOENT';

const MODES = TESTED_MODES.filter((mode) => mode !== 'process');

describe.each(TESTED_MODES)('with SANDBOX=%s, a tool that looks around', (mode) => {
  let yard: TestSandbox;

  beforeAll(async () => {
    yard = await TestSandbox.behind(mode);
  });

  afterAll(() => yard.close());

  it('sees no variable but those that it declares and those of its own place', async () => {
    process.env['SANDBOX_TEST_SECRET'] = 'secret';
    process.env['SANDBOX_TEST_DECLARED'] = 'declared';
    const plugin = pluginNamed('hostile', { env: ['SANDBOX_TEST_DECLARED', 'DATA_DIR', 'NODE_OPTIONS'] });

    const outcome = await yard.run(plugin, { tool: 'hostile.tool.ts', options: { deed: 'environment' } });

    const workspace = expect.stringContaining('/out/');
    const env = { SANDBOX_TEST_DECLARED: 'declared', HOME: workspace, TMPDIR: workspace, TZ: 'UTC', LANG: 'C.UTF-8' };
    expect(outcome.type === 'done' && outcome.data).toEqual({ cwd: workspace, env });
  });

  it('sends no signal to its parent by Node itself', async () => {
    const outcome = await yard.run(pluginNamed('hostile'), { tool: 'hostile.tool.ts', options: { deed: 'strike' } });

    const refused = 'A tool may not send signals.';
    expect(outcome).toMatchObject({
      type: 'done',
      data: { parent: refused, parentByBackDoor: refused, debugger: refused },
    });
  });

  it('runs by the SDK only the programs that it declares', async () => {
    const plugin = pluginNamed('hostile', { exec: ['sleep'] });

    const outcome = await yard.run(plugin, { tool: 'hostile.tool.ts', options: { deed: 'undeclaredProgram' } });

    expect(outcome).toMatchObject({ type: 'crashed', reason: expect.stringContaining('does not name cat') });
  });
});

describe.each(MODES)('with SANDBOX=%s, a tool that tries what Node can refuse', (mode) => {
  let yard: TestSandbox;
  let elsewhere: string;

  beforeAll(async () => {
    yard = await TestSandbox.behind(mode);
    elsewhere = await mkdtemp(join(tmpdir(), 'toolyard-elsewhere-'));
  });

  afterAll(async () => {
    await yard.close();
    await rm(elsewhere, { recursive: true });
  });

  const deed = (name: string, target = '') =>
    yard.run(pluginNamed('hostile'), { tool: 'hostile.tool.ts', options: { deed: name, target } });

  it('reads no file but its own', async () => {
    const outcome = await deed('snoop', join(process.cwd(), 'dist/config/config.js'));

    expect(outcome).toMatchObject({
      type: 'done',
      data: {
        passwd: DENIED,
        parentEnvironment: DENIED,
        ownEnvironment: DENIED,
        target: DENIED,
        hostCode: mode === 'strict' ? 'ERR_MODULE_NOT_FOUND' : DENIED,
        database: 'ERR_UNKNOWN_BUILTIN_MODULE',
      },
    });
  });

  it('writes nowhere but to its own place', async () => {
    const outcome = await deed('escape', elsewhere);

    const attempts = ['root', 'temporary', 'home', 'inputs', 'target', 'sharedMemory', 'throughLink'];
    expect(outcome).toMatchObject({
      type: 'done',
      data: Object.fromEntries(attempts.map((attempt) => [attempt, DENIED])),
    });
    await expect(readdir(elsewhere)).resolves.toEqual([]);
  });

  it('reaches no network', async () => {
    const server = await listening();
    let calls = 0;
    server.on('connection', () => (calls += 1));

    const outcome = await deed('call', portOf(server));

    expect(outcome).toMatchObject({ type: 'done', data: { tcp: DENIED, unix: DENIED, dns: DENIED, fetch: DENIED } });
    expect(calls).toBe(0);
    server.close();
  });

  it('starts no program and no thread', async () => {
    await expect(deed('start')).resolves.toMatchObject({
      type: 'done',
      data: { program: DENIED, node: DENIED, thread: DENIED },
    });
  });

  it('changes nothing of its input, not even of one that is a hard link to stored bytes', async () => {
    const stored = join(yard.directory, 'stored');
    await writeFile(stored, 'stored bytes', { mode: 0o600 });
    const slot = await yard.acquire(pluginNamed('hostile'));
    const path = join(slot.directory, 'in', 'linked');
    await link(stored, path);

    const inputs = [{ path, name: 'a', type: 'text/plain', size: 12 }];
    const outcome = await perform(slot, { tool: 'hostile.tool.ts', inputs, options: { deed: 'overwrite' } });

    expect(slot.readOnlyInputs).toBe(true);
    const attempts = ['write', 'truncate', 'chmod', 'rename', 'link', 'symlink', 'unlink'];
    const data = Object.fromEntries(attempts.map((attempt) => [attempt, DENIED]));
    expect(outcome).toMatchObject({ type: 'done', data });
    await expect(readFile(stored, 'utf8')).resolves.toBe('stored bytes');
    await expect(stat(stored)).resolves.toMatchObject({ mode: 0o100600, nlink: 2 });
    slot.release();
  });
});

/** Programs do not obey Node. What they can do shows what the namespaces are for. */
describe.each(MODES)('with SANDBOX=%s, a tool that may run programs', (mode) => {
  const alone = mode === 'strict';
  const programs: Partial<PluginPermissions> = { exec: ['cat', 'ls', 'kill', 'tee', 'sh'] };
  let yard: TestSandbox;

  beforeAll(async () => {
    yard = await TestSandbox.behind(mode);
  });

  afterAll(() => yard.close());

  const deed = (name: string, target: string, permissions = programs) =>
    yard.run(pluginNamed('hostile', permissions), { tool: 'hostile.tool.ts', options: { deed: name, target } });

  it(`${alone ? 'reads no' : 'reads every'} file of this machine with them`, async () => {
    const outcome = await deed('snoopByProgram', join(process.cwd(), 'dist/config/config.js'));

    const answer = alone ? 1 : 'succeeded';
    expect(outcome).toMatchObject({ type: 'done', data: { passwd: String(answer), target: String(answer) } });
  });

  it(`${alone ? 'neither sees nor reaches' : 'sees and reaches'} the process of the platform with them`, async () => {
    const outcome = await deed('strikeByProgram', String(process.pid));

    expect(outcome).toMatchObject({
      type: 'done',
      data: alone ? { parent: '1', everything: 'It is not seen.' } : { parent: 'succeeded', everything: 'succeeded' },
    });
  });

  it(`runs ${alone ? 'no' : 'any'} other program past the SDK`, async () => {
    const outcome = await deed('otherProgram', '', { exec: ['sleep'] });

    const answer = alone ? MISSING : 'succeeded';
    expect(outcome).toMatchObject({ type: 'done', data: { ls: answer, shell: answer } });
  });

  it(`${alone ? 'cannot change' : 'is given a copy of'} its input`, async () => {
    const slot = await yard.acquire(pluginNamed('hostile', programs));
    const path = join(slot.directory, 'in', 'input');
    await writeFile(path, 'bytes', { mode: 0o600 });

    const inputs = [{ path, name: 'a', type: 'text/plain', size: 5 }];
    const outcome = await perform(slot, { tool: 'hostile.tool.ts', inputs, options: { deed: 'overwriteByProgram' } });

    expect(slot.readOnlyInputs).toBe(alone);
    expect(outcome).toMatchObject({ type: 'done', data: { write: alone ? '2' : 'succeeded' } });
    await expect(readFile(path, 'utf8')).resolves.toBe(alone ? 'bytes' : 'changed');
    slot.release();
  });

  it(`${alone ? 'reaches no' : 'reaches the'} network with native code or programs`, async () => {
    const server = await listening();
    let calls = 0;
    server.on('connection', () => (calls += 1));

    const outcome = await deed('callByProgram', portOf(server), { exec: ['bash'] });

    expect(outcome).toMatchObject({ type: 'done', data: { tcp: alone ? '1' : 'succeeded' } });
    expect(calls).toBe(alone ? 0 : 1);
    server.close();
  });
});

it('finds everything open with SANDBOX=process, which limits and does not forbid', async () => {
  const yard = await TestSandbox.behind('process');
  const server = await listening();
  const deed = (name: string, target: string) =>
    yard.run(pluginNamed('hostile'), { tool: 'hostile.tool.ts', options: { deed: name, target } });

  const outcomes = [
    await deed('snoop', join(process.cwd(), 'package.json')),
    await deed('call', portOf(server)),
    await deed('trespass', yard.directory),
  ];

  const [files, calls, written] = outcomes.map((outcome) => (outcome.type === 'done' ? outcome.data : outcome));
  expect(written).toEqual({ target: 'succeeded' });
  expect(files).toMatchObject({ passwd: 'succeeded', target: 'succeeded', parentEnvironment: 'succeeded' });
  expect(calls).toMatchObject({ tcp: 'succeeded', dns: 'succeeded' });
  server.close();
  await yard.close();
});

it('finds nothing of the platform among the variables of its process 1, which is one of its own', async () => {
  process.env['SANDBOX_TEST_SECRET'] = 'secret';
  const yard = await TestSandbox.behind('strict');
  const plugin = pluginNamed('hostile', { exec: ['cat'] });

  const outcome = await yard.run(plugin, { tool: 'hostile.tool.ts', options: { deed: 'firstEnvironment' } });

  const lines = outcome.type === 'done' ? [outcome.data].flat().map(String) : [];
  expect(lines).toContain('TZ=UTC');
  expect(lines.filter((line) => line.startsWith('SANDBOX_TEST_'))).toEqual([]);
  await yard.close();
});

function listening(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.end());
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

function portOf(server: Server): string {
  const address = server.address();
  return typeof address === 'object' && address ? String(address.port) : '';
}
