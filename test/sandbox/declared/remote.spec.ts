import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { PluginCode } from '../../../src/sandbox/plugin.code.js';
import { until } from '../../conditions.js';
import { freePort } from '../../servers/free-port.js';
import { type Received, type RemoteServer, startRemote } from '../../outbound/remote.server.js';
import type { ServerProcess } from '../../servers/server-process.js';
import { recording, stage, temporaryDirectory, TestSandbox } from '../sandbox.harness.js';
import { declaredPlugin, head } from './declared.plugin.js';
import { SECRET, startWords, wordsDeclaration } from './words.service.js';

const TASK = 'the-task';
const MOST = 1_000;
const NDJSON = { 'content-type': 'application/x-ndjson' };

let yard: TestSandbox;
let directory: string;

beforeAll(async () => {
  process.env['WORDS_SECRET'] = SECRET;
  yard = await TestSandbox.open();
  directory = await temporaryDirectory();
});
afterAll(async () => {
  delete process.env['WORDS_SECRET'];
  await yard.close();
  await rm(directory, { recursive: true });
});

/** What it says of a run so far. */
const lines = (response: ServerResponse, ...all: object[]) => {
  response.writeHead(200, NDJSON);
  for (const line of all) response.write(`${JSON.stringify(line)}\n`);
  return response;
};

/** A run with these texts as inputs, and the texts of its outputs. */
async function perform(plugin: PluginCode, tool: string, texts: readonly string[], options = recording()) {
  const slot = await yard.acquire(plugin);
  const inputs = texts.map((text, index) => ({
    path: join(slot.directory, 'in', String(index)),
    name: `naïve ${index}.txt`,
    type: 'text/plain',
    size: Buffer.byteLength(text),
  }));
  await mkdir(join(slot.directory, 'in'), { recursive: true });
  for (const [index, { path }] of inputs.entries()) await writeFile(path, texts[index] ?? '');
  const request = await stage(slot, { id: TASK, tool, inputs });
  const outcome = await slot.run(request, options);
  const made = outcome.type === 'done' ? outcome.outputs : [];
  const outputs = await Promise.all(made.map(async ({ path, name }) => [name, await readFile(path, 'utf8')]));
  await rm(request.workspace, { recursive: true });
  slot.release();
  return { outcome, outputs, progress: options.progress, log: options.log };
}

describe('the example in Python', () => {
  let words: ServerProcess;

  beforeAll(async () => {
    words = await startWords();
  });
  afterAll(async () => words[Symbol.asyncDispose]());

  const count = async (texts: readonly string[], env: readonly string[] = ['WORDS_SECRET']) => {
    const files = { 'text-words.tool.yaml': await wordsDeclaration(words.url) };
    const plugin = await declaredPlugin(directory, files, { net: ['localhost'], env });
    return perform(plugin, 'text-words.tool.yaml', texts);
  };

  it('counts words', async () => {
    const { outcome, outputs, progress } = await count(['The end. The', 'the']);

    expect(outcome).toMatchObject({ type: 'done', data: { words: 4 } });
    expect(outputs).toEqual([['words.txt', '3 the\n1 end.\n']]);
    expect(progress).toContainEqual({ ratio: 0.5, message: 'Counted naïve 0.txt' });
  });

  it('is not spoken to without the secret', async () => {
    expect((await count(['a'], [])).outcome).toMatchObject({
      type: 'crashed',
      kind: 'remote',
      reason: 'The service of the tool cannot be asked, because WORDS_SECRET is not set.',
    });
  });
});

describe('a service that', () => {
  type Part = (response: ServerResponse, received: Received) => void;
  let server: RemoteServer;
  /** What it does instead of what it should, by the method and the end of the path. */
  let parts: Record<string, Part>;
  /** Requests of the tests before. */
  let before: number;

  const good: Record<string, Part> = {
    'PUT inputs': (response) => response.writeHead(204).end(),
    'POST runs': (response) => lines(response, { done: { outputs: [{ name: 'a.txt' }], data: 1 } }).end(),
    'GET outputs': (response) => response.writeHead(200, { 'content-length': 1 }).end('a'),
    'DELETE runs': (response) => response.writeHead(204).end(),
  };

  beforeAll(async () => {
    server = await startRemote((_, response, received) => {
      const [part = 'runs'] = /inputs|outputs/.exec(received.path) ?? [];
      const key = `${received.method} ${part}`;
      (parts[key] ?? good[key])?.(response, received);
    });
  });
  beforeEach(() => {
    parts = {};
    before = server.received.length;
  });
  afterAll(async () => server[Symbol.asyncDispose]());

  const run = async (options = recording(), url = server.url) => {
    const text = `${head('remote', 'test-far')}url: ${url}\nlimits: {max_output_bytes: ${MOST}}\n`;
    const plugin = await declaredPlugin(directory, { 'far.tool.yaml': text }, { net: ['127.0.0.1'] });
    return perform(plugin, 'far.tool.yaml', ['x'], options);
  };
  const heard = () => server.received.slice(before);
  const asked = (method: string) => heard().filter((request) => request.method === method);

  it('does what it should leaves the process free for the next run', async () => {
    const { outcome } = await run();

    expect(outcome).toMatchObject({ type: 'done', tidy: true });
  });

  it('does what it should is told whose run it is, and forgets it at the end', async () => {
    const { outcome, outputs } = await run();

    expect(outcome).toMatchObject({ type: 'done', data: 1 });
    expect(outputs).toEqual([['a.txt', 'a']]);
    expect(heard().map(({ method }) => method)).toEqual(['PUT', 'POST', 'GET', 'DELETE']);
    expect(new Set(heard().map(({ headers }) => headers['x-request-id']))).toEqual(new Set([TASK]));
    expect(asked('PUT')[0]).toMatchObject({ body: 'x', headers: { 'x-file-name': 'na%C3%AFve%200.txt' } });
    expect(JSON.parse(asked('POST')[0]?.body ?? '')).toEqual({
      tool: 'test-far',
      options: {},
      inputs: [{ name: 'naïve 0.txt', type: 'text/plain', size: 1 }],
    });
  });

  const later = (part: Part, status: number): Part => {
    let times = 0;
    return (response, received) => (times++ < 2 ? void response.writeHead(status).end() : part(response, received));
  };
  it.each(['PUT inputs', 'POST runs'])('is busy at %s is asked again', async (key) => {
    parts[key] = later(good[key] ?? (() => {}), 503);

    expect((await run()).outcome.type).toBe('done');
  });

  const FAULTS: readonly (readonly [string, string, Part, string])[] = [
    ['fails', 'POST runs', (response) => response.writeHead(500).end(), 'answered with status 500'],
    ['redirects', 'POST runs', (response) => redirect(response), 'answered with status 302'],
    ['redirects a file', 'PUT inputs', (response) => redirect(response), 'answered with status 302'],
    ['redirects an output', 'GET outputs', (response) => redirect(response), 'answered with status 302'],
    ['has lost an output', 'GET outputs', (response) => response.writeHead(404).end(), 'answered with status 404'],
    ['crashes', 'POST runs', (response) => response.destroy(), 'did not answer'],
    ['crashes while it works', 'POST runs', (response) => crash(response), 'broke off in the middle'],
    ['stops too early', 'POST runs', (response) => lines(response, { progress: 0.5 }).end(), 'stopped before'],
    ['answers with a page', 'POST runs', (response) => response.end('<html>'), 'says something that has no meaning'],
    ['makes up words', 'POST runs', (response) => lines(response, { finished: true }).end(), 'no meaning'],
    ['makes progress beyond all', 'POST runs', (response) => lines(response, { progress: 7 }).end(), 'no meaning'],
    ['never ends a line', 'POST runs', (response) => flood(response, 'x'), 'more than 800 kB in one line'],
    [
      'never ends',
      'POST runs',
      (response) => flood(response, `{"progress":0.5}${' '.repeat(50)}\n`),
      'more than it may',
    ],
    ['breaks off an output', 'GET outputs', (response) => cut(response), 'broke off in the middle'],
    ['does not say how long it is', 'GET outputs', (response) => unmeasured(response), 'does not say how long'],
  ];
  it.each(FAULTS)('%s has failed, and may do better', async (_what, key, part, reason) => {
    parts[key] = part;

    const { outcome } = await run();

    expect(outcome).toMatchObject({ type: 'crashed', kind: 'remote', reason: expect.stringContaining(reason) });
    expect(Math.max(...['PUT', 'POST', 'GET'].map((method) => asked(method).length))).toBe(1);
    expect(heard().some(({ path }) => path === '/elsewhere')).toBe(false);
    expect(asked('DELETE')).toHaveLength(1);
  });

  it('is not there has failed, too', async () => {
    const { outcome } = await run(recording(), `http://127.0.0.1:${await freePort()}`);

    expect(outcome).toMatchObject({ reason: 'The service of the tool did not answer (ECONNREFUSED).' });
  });

  it('sends more than it may is stopped, and the tool is to blame', async () => {
    parts['GET outputs'] = (response) => flood(response.writeHead(200), 'x');

    expect((await run()).outcome).toMatchObject({ type: 'tool_error', code: 'output_too_large' });
  });

  it('refuses a file says why', async () => {
    parts['PUT inputs'] = (response) =>
      response.writeHead(422).end('{"error": {"code": "not_text", "message": "The file is no text."}}');

    expect((await run()).outcome).toMatchObject({ type: 'tool_error', code: 'not_text' });
  });

  it('hangs is left at the end of its time, and told so', async () => {
    parts['POST runs'] = () => {};

    const { outcome } = await run(recording({ totalMs: 700 }));

    expect(outcome).toMatchObject({ type: 'timed_out', stopped: { signal: null } });
    await until(() => asked('DELETE').length === 1, { describe: 'the service is told' });
  });

  it('is cancelled is told so at once', async () => {
    const controller = new AbortController();
    parts['POST runs'] = (response) => {
      response.on('close', () => {
        closed = true;
      });
      lines(response, { log: 'On my way', level: 'info' }, { progress: 0.1 });
    };
    let closed = false;

    const { outcome, log } = await run(
      recording({ signal: controller.signal, onProgress: () => controller.abort('cancelled') }),
    );

    expect(outcome).toMatchObject({ type: 'cancelled', stopped: { signal: null } });
    expect(log).toContainEqual({ level: 'info', source: 'tool', message: 'On my way' });
    await until(() => closed && asked('DELETE').length === 1, { describe: 'the service is told' });
  });
});

function redirect(response: ServerResponse): void {
  response.writeHead(302, { location: '/elsewhere' }).end();
}

function crash(response: ServerResponse): void {
  response.writeHead(200, NDJSON).write('{"progress": 0.5}\n', () => response.destroy());
}

/** Without end, as fast as anybody reads. */
function flood(response: ServerResponse, text: string): void {
  const chunk = text.repeat(Math.ceil(65_536 / text.length));
  const more = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
}

function cut(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': 100 }).write('a', () => response.destroy());
}

/** Ends with the connection, as HTTP/1.0 did. */
function unmeasured(response: ServerResponse): void {
  response.socket?.end('HTTP/1.1 200 OK\r\n\r\na');
}
