import { link, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../conditions.ts';
import { groupLives, pluginNamed, recording, stage, TestSandbox, unhurried } from './sandbox.harness.ts';

const hostile = pluginNamed('hostile');
const DENIED = 'ERR_ACCESS_DENIED';
let yard: TestSandbox;

beforeAll(async () => {
  yard = await TestSandbox.open();
});

afterAll(() => yard.close());

const deed = (name: string, options = unhurried, target = '') =>
  yard.run(hostile, { tool: 'hostile.tool.ts', options: { deed: name, target } }, options);

describe('a tool that breaks', () => {
  it.each([
    ['exit', { kind: 'exit', reason: 'The process ended with code 7.' }],
    ['abort', { kind: 'signal', reason: 'The process was ended by SIGABRT.' }],
    ['heapBomb', { kind: 'signal', reason: 'The process was ended by SIGABRT.' }],
    ['throwLater', { kind: 'exception', reason: expect.stringContaining('Thrown later.') }],
    ['rejectUnseen', { kind: 'exception', reason: expect.stringContaining('Nobody awaits me.') }],
    ['throwNothing', { kind: 'exception', reason: 'Thrown: undefined' }],
    ['wrongOutputs', { kind: 'exception', reason: expect.stringContaining('not a list of {path, name}') }],
    ['cyclicData', { kind: 'exception', reason: expect.stringContaining('circular') }],
    ['largeData', { kind: 'exception', reason: expect.stringContaining('larger than 1 MB') }],
    ['largeMessage', { kind: 'protocol', reason: 'A message is larger than 1 MB.' }],
    ['brokenMessage', { kind: 'protocol', reason: 'A message is not JSON.' }],
    ['strangeMessage', { kind: 'protocol', reason: 'The tool sent a message that has no meaning.' }],
    ['floodPipe', { kind: 'protocol', reason: 'The tool sends too many messages.' }],
    ['floodStdout', { kind: 'output', reason: 'The tool printed more than 1 MB.' }],
  ])('crashes by %s, and nothing of it is left', async (name, expected) => {
    const outcome = await deed(name);

    expect(outcome).toMatchObject({ type: 'crashed', ...expected });
    expect(groupLives(outcome.pid)).toBe(false);
  });

  it('may report progress as often as it likes, which nobody notices', async () => {
    const options = recording();

    const started = performance.now();
    const outcome = await deed('floodProgress', options);

    expect(outcome.type).toBe('done');
    expect(options.progress.length).toBeLessThanOrEqual((performance.now() - started) / 100 + 1);
  });

  it('loses lines when it logs too much', async () => {
    const options = recording();

    const outcome = await deed('floodLog', options);

    expect(outcome.type).toBe('done');
    expect(options.log.length).toBeGreaterThan(100);
    expect(options.log.length).toBeLessThan(5_000);
  });

  it('loses its child when it speaks after its end', async () => {
    const outcome = await deed('speakAfterwards');

    expect(outcome.type).toBe('done');
    const next = await yard.acquire(hostile);
    await until(() => !groupLives(outcome.pid), { describe: 'the child is ended' });
    next.release();
  });
});

describe('a tool that does not end', () => {
  it('is ended within two seconds when it only burns time', async () => {
    const outcome = await deed('spin', { ...unhurried, totalMs: 300 });

    expect(outcome).toMatchObject({ type: 'timed_out', stopped: { signal: 'SIGTERM' } });
    expect(outcome.type === 'timed_out' && outcome.stopped.afterMs).toBeLessThan(2_000);
    expect(groupLives(outcome.pid)).toBe(false);
  });

  it('is ended within two seconds when it ignores SIGTERM', async () => {
    const outcome = await deed('ignoreSigterm', { ...unhurried, totalMs: 500 });

    expect(outcome).toMatchObject({ type: 'timed_out', stopped: { signal: 'SIGKILL' } });
    expect(outcome.type === 'timed_out' && outcome.stopped.afterMs).toBeLessThan(2_000);
    expect(groupLives(outcome.pid)).toBe(false);
  });

  it('is ended together with the programs that it started', async () => {
    const helped = pluginNamed('hostile', { exec: ['sleep'] });
    const request = { tool: 'hostile.tool.ts', options: { deed: 'spinWithFriend' } };

    const outcome = await yard.run(helped, request, { ...unhurried, idleMs: 1_000 });

    expect(outcome).toMatchObject({ type: 'stalled', stopped: { signal: 'SIGTERM' } });
    await until(() => !groupLives(outcome.pid), { describe: 'the system has removed the dead program' });
  });

  it('does not take another one with it', async () => {
    const other = yard.run(pluginNamed('good'), { tool: 'work.tool.ts', options: { steps: 20, stepMs: 50 } });

    await deed('spin', { ...unhurried, totalMs: 200 });

    await expect(other).resolves.toMatchObject({ type: 'done' });
  });
});

describe('a tool that looks around', () => {
  it('sees no file but its own', async () => {
    const target = join(process.cwd(), 'dist/config/config.js');

    const outcome = await deed('snoop', unhurried, target);

    expect(outcome).toMatchObject({
      type: 'done',
      data: {
        passwd: DENIED,
        parentEnvironment: DENIED,
        ownEnvironment: DENIED,
        target: DENIED,
        hostCode: DENIED,
        database: 'ERR_UNKNOWN_BUILTIN_MODULE',
      },
    });
  });

  it('sees no variable but those that it declares and those of its own place', async () => {
    process.env['SANDBOX_TEST_SECRET'] = 'secret';
    process.env['SANDBOX_TEST_DECLARED'] = 'declared';
    const plugin = pluginNamed('hostile', { env: ['SANDBOX_TEST_DECLARED', 'DATA_DIR', 'NODE_OPTIONS'] });

    const outcome = await yard.run(plugin, { tool: 'hostile.tool.ts', options: { deed: 'environment' } });

    const workspace = expect.stringContaining('/out/');
    const env = { SANDBOX_TEST_DECLARED: 'declared', HOME: workspace, TMPDIR: workspace, TZ: 'UTC', LANG: 'C.UTF-8' };
    expect(outcome.type === 'done' && outcome.data).toEqual({ cwd: workspace, env });
  });

  it('reaches no network', async () => {
    const server = await listening();
    let calls = 0;
    server.on('connection', () => (calls += 1));

    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const outcome = await deed('call', unhurried, String(port));

    expect(outcome).toMatchObject({ type: 'done', data: { tcp: DENIED, unix: DENIED, dns: DENIED, fetch: DENIED } });
    expect(calls).toBe(0);
    server.close();
  });

  it('starts no program and no thread', async () => {
    const outcome = await deed('start');

    expect(outcome).toMatchObject({ type: 'done', data: { program: DENIED, node: DENIED, thread: DENIED } });
  });

  it('starts only the programs that it declares', async () => {
    const plugin = pluginNamed('hostile', { exec: ['sleep'] });

    const outcome = await yard.run(plugin, { tool: 'hostile.tool.ts', options: { deed: 'undeclaredProgram' } });

    expect(outcome).toMatchObject({ type: 'crashed', reason: expect.stringContaining('does not name cat') });
  });

  it('sends no signal to its parent', async () => {
    const outcome = await deed('strike');

    const refused = 'A tool may not send signals.';
    expect(outcome).toMatchObject({
      type: 'done',
      data: { parent: refused, parentByBackDoor: refused, debugger: refused },
    });
  });

  it('changes nothing of its input, not even of one that is a hard link to stored bytes', async () => {
    const stored = join(yard.directory, 'stored');
    await writeFile(stored, 'stored bytes', { mode: 0o600 });
    const slot = await yard.acquire(hostile);
    const path = join(slot.directory, 'in', 'linked');
    await link(stored, path);

    const inputs = [{ path, name: 'a', type: 'text/plain', size: 12 }];
    const request = await stage(slot, { tool: 'hostile.tool.ts', inputs, options: { deed: 'overwrite' } });
    const outcome = await slot.run(request, unhurried);

    expect(slot.readOnlyInputs).toBe(true);
    const attempts = ['write', 'truncate', 'chmod', 'rename', 'link', 'symlink', 'unlink'];
    const data = Object.fromEntries(attempts.map((attempt) => [attempt, DENIED]));
    expect(outcome).toMatchObject({ type: 'done', data });
    await expect(readFile(stored, 'utf8')).resolves.toBe('stored bytes');
    await expect(stat(stored)).resolves.toMatchObject({ mode: 0o100600, nlink: 2 });
    slot.release();
  });

  it('has no input that is read-only when its code need not obey', async () => {
    const native = await yard.acquire(pluginNamed('hostile', { addons: true }));
    const helped = await yard.acquire(pluginNamed('hostile', { exec: ['sleep'] }));

    expect([native.readOnlyInputs, helped.readOnlyInputs]).toEqual([false, false]);
    native.release();
    helped.release();
  });
});

function listening(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.end());
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
