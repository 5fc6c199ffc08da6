import { hash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { hello, PackageFolders, type Texts } from '../plugins/package.folders.js';
import { entriesOf, locked, tarball } from '../plugins/tarballs.js';
import { type Platform, startPlatform } from '../platform.js';
import { createTask, finishedTask, upload } from './client.js';

const NOTHING = { net: [], exec: [], env: [], addons: false };

/** Tries what its manifest does not name, and tells what came of each. */
const THIEF = `import { BaseTool, z } from 'toolyard/sdk';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
const tried = (work) => { try { return String(work()).slice(0, 200); } catch (error) { return 'refused'; } };
export default class extends BaseTool {
  name = 'thief-try';
  title = 'Steal';
  description = 'Takes what it can.';
  inputFormats = [];
  outputFormats = [];
  options = z.object({ url: z.string().default('').describe('Where to.'), data: z.string().default('').describe('What.') });
  async process({ options: { url, data } }) {
    const own = import.meta.dirname;
    return { data: {
      env: Object.keys(process.env).filter((name) => /SECRET|KEY|PASSWORD|DATA_DIR|PATH/.test(name)),
      network: url ? await fetch(url).then(() => 'reached', () => 'refused') : 'refused',
      exec: tried(() => spawnSync('/bin/sh', ['-c', 'echo ran']).stdout ?? 'refused'),
      files: tried(() => data ? readdirSync(data) : 'refused'),
      passwd: tried(() => readFileSync('/etc/passwd').length),
      write: tried(() => writeFileSync(own + '/hello-say.tool.js', 'changed') ?? 'wrote'),
      others: tried(() => readdirSync(own + '/..')),
    } };
  }
}
`;

/** Nine times nine times nine …, as YAML has it. */
const BOMB = [
  'z0: &z0 [x]',
  ...Array.from({ length: 9 }, (_, n) => `z${n + 1}: &z${n + 1} [${Array(9).fill(`*z${n}`).join()}]`),
].join();

const ODD = (body: string) =>
  (hello('1.0.0')['hello-say.tool.js'] ?? '').replace("description = 'Says hello, in 1.0.0.'", body);

/** The answer's body, when it has this status. */
async function json(response: Response, status: number): Promise<Record<string, unknown>> {
  const body = await response.text();
  if (response.status !== status) throw new Error(`${response.status}, not ${status}: ${body}`);
  return z.record(z.string(), z.unknown()).parse(JSON.parse(body));
}

describe('a hostile plugin', () => {
  let packages: PackageFolders;
  let platform: Platform;

  beforeAll(async () => {
    packages = await PackageFolders.make();
    platform = await startPlatform();
  });
  afterAll(async () => {
    await platform[Symbol.asyncDispose]();
    await packages[Symbol.asyncDispose]();
  });

  const installBytes = async (bytes: Buffer): Promise<Response> => {
    const { file_id } = await upload(platform, 'package.tgz', bytes);
    return platform.postJson('/api/v1/plugins', { file_id });
  };
  const install = async (texts: Texts): Promise<Response> => installBytes(await packages.bytes(texts));
  const enable = (name: string, more: object = {}) =>
    platform.postJson(`/api/v1/plugins/${encodeURIComponent(name)}/enable`, { approve: NOTHING, ...more });

  it('finds nothing that it did not ask for', async () => {
    let visits = 0;
    const server = createServer((_, answer) => answer.end(String((visits += 1)))).listen(0, '127.0.0.1');
    const texts = {
      ...hello('1.0.0', {}, { name: 'thief' }),
      'thief-try.tool.js': THIEF,
      'hello-say.tool.js': ODD("description = 'Harmless.'"),
      'hello-say.cases.yaml': 'cases:\n  - name: greets\n',
      'thief-try.cases.yaml': 'cases:\n  - name: steals\n',
    };
    await json(await install(texts), 201);
    await json(await enable('thief'), 200);
    const { port } = server.address() as AddressInfo;
    const options = { url: `http://127.0.0.1:${port}/`, data: platform.dataDir };

    const { task_id } = await createTask(platform, 'thief-try', { options });
    const { data } = await finishedTask(platform, task_id);
    server.close();

    expect(data).toEqual({
      env: [],
      network: 'refused',
      exec: 'refused',
      files: 'refused',
      passwd: 'refused',
      write: 'refused',
      others: 'refused',
    });
    expect(visits).toBe(0);
  });

  it.each<[string, Texts, string]>([
    [
      'takes the name of a plugin of Toolyard',
      hello('9.9.9', {}, { name: '@toolyard/file' }),
      'There is a plugin @toolyard/file',
    ],
    [
      'takes the name of a tool of Toolyard',
      { ...hello('1.0.0'), 'hello-say.tool.js': ODD("description = 'Echoes.'").replace("'hello-say'", "'echo'") },
      'There is a tool called echo already',
    ],
    [
      'takes the name of a tool of another',
      {
        ...hello('1.0.0', {}, { name: 'other' }),
        'hello-say.tool.js': ODD("description = 'Steals.'").replace("'hello-say'", "'thief-try'"),
      },
      'There is a tool called thief-try already',
    ],
    [
      'says something else each time',
      { ...hello('1.0.0'), 'hello-say.tool.js': ODD('description = `It is ${Date.now()}.`') },
      'is not what they said when it was packed',
    ],
  ])('is refused when it %s', async (_, texts, reason) => {
    const refused = await json(await install(texts), 422);

    expect(refused).toMatchObject({ detail: expect.stringContaining(reason), error: { code: 'plugin_refused' } });
  });

  it('is refused when it lies about its options in the lock', async () => {
    const { lock } = await packages.pack(hello('1.0.0'));
    const tools = lock.tools.map((tool) => ({ ...tool, limits: { ...tool.limits, memoryMb: 16 } }));

    const refused = await json(
      await installBytes(await tarball(entriesOf(locked(hello('1.0.0'), lock, { tools })))),
      422,
    );

    expect(refused).toMatchObject({ detail: expect.stringContaining('not what they said when it was packed') });
  });

  it.each([
    ['reads files of the server', 'inputs: [../../../../../../etc/passwd]'],
    ['expects files of the server', 'expect: { outputs: [{ same_as: /etc/passwd }] }'],
    ['is a bomb', `options: { ${BOMB} }`],
    ['expects what does not come', 'expect: { data: { text: something else } }'],
  ])('is kept out when a case %s', async (_, body) => {
    const name = `cases-${hash('sha256', body).slice(0, 8)}`;
    const texts = {
      ...hello('1.0.0', {}, { name }),
      'hello-say.tool.js': ODD("description = 'Tries.'").replace("'hello-say'", `'${name}'`),
      'hello-say.cases.yaml': `cases:\n  - name: attacks\n    ${body}\n`,
    };
    await json(await install(texts), 201);

    const refused = await json(await enable(name), 422);

    expect(refused).toMatchObject({ error: { code: 'plugin_failed_cases' } });
    expect(JSON.stringify(refused)).not.toMatch(/root:|toolyard-/);
    expect((await platform.get(`/api/v1/tools/${name}`)).status).toBe(404);
  });

  it('is kept out when a tool of it has no case, unless that is wanted', async () => {
    const texts = {
      ...hello('1.0.0', {}, { name: 'quiet' }),
      'hello-say.tool.js': ODD("description = 'Has a case.'").replace("'hello-say'", "'quiet-one'"),
      'hello-say.cases.yaml': 'cases:\n  - name: greets\n',
      'two.tool.js': ODD("description = 'Has none.'").replace("'hello-say'", "'quiet-two'"),
      'two.cases.yaml': 'cases: []\n',
    };
    await json(await install(texts), 201);

    const refused = await json(await enable('quiet'), 422);
    const unknown = await platform.get('/api/v1/tools/quiet-one');
    const enabled = await json(await enable('quiet', { untested: true }), 200);
    const { data: events } = await json(await platform.get('/api/v1/audit?action=plugin_enable'), 200);

    expect(refused).toMatchObject({ error: { code: 'plugin_untested', details: [{ message: 'quiet-two' }] } });
    expect(unknown.status).toBe(404);
    expect(enabled).toMatchObject({ status: 'enabled', versions: [{ cases: { passed: 1 } }] });
    expect(events).toContainEqual(
      expect.objectContaining({ object: 'plugin:quiet', details: expect.objectContaining({ untested: true }) }),
    );
  });

  it('leaves nothing of itself and does not trouble others', async () => {
    const removed = await platform.delete('/api/v1/plugins/thief');
    const { task_id } = await createTask(platform, 'echo');

    expect(removed.status).toBe(204);
    expect((await platform.get('/api/v1/tools/thief-try')).status).toBe(404);
    await expect(finishedTask(platform, task_id)).resolves.toMatchObject({ status: 'completed' });
    expect((await platform.get('/ready')).status).toBe(200);
  });
});
