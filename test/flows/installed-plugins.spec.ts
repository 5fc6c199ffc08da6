import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { until } from '../conditions.js';
import { hello, PackageFolders } from '../plugins/package.folders.js';
import { type Platform, startPlatform } from '../platform.js';
import { scratchRedis } from '../servers/scratch.js';
import { cancelTask, createTask, finishedTask, postTask, taskIn, upload } from './client.js';

const HELLO = '/api/v1/plugins/%40acme%2Fhello';
const NOTHING = { net: [], exec: [], env: [], addons: false };

/** The answer's body, when it has this status. */
async function json(response: Response, status = 200): Promise<Record<string, unknown>> {
  const body = await response.text();
  if (response.status !== status) throw new Error(`${response.status}, not ${status}: ${body}`);
  return z.record(z.string(), z.unknown()).parse(JSON.parse(body));
}

describe('an installed plugin', () => {
  let packages: PackageFolders;
  let platform: Platform;

  beforeAll(async () => {
    packages = await PackageFolders.make();
    const env = { PLUGIN_CRASHES: '2', WORKER_CONCURRENCY: '2' };
    platform = await startPlatform({ env });
  });
  afterAll(async () => {
    await platform[Symbol.asyncDispose]();
    await packages[Symbol.asyncDispose]();
  });

  const install = async (version: string, toolyard: object = {}): Promise<Response> => {
    const bytes = await packages.bytes(hello(version, toolyard));
    const { file_id } = await upload(platform, 'package.tgz', bytes);
    return platform.postJson('/api/v1/plugins', { file_id });
  };
  const enable = (wanted: object) => platform.postJson(`${HELLO}/enable`, wanted);
  const available = async (): Promise<unknown> =>
    (await json(await platform.get('/api/v1/tools/hello-say')))['available'];
  const text = async (id: string) => (await finishedTask(platform, id)).data;

  it('waits until its permissions are approved, and then runs over HTTP', async () => {
    const installed = await json(await install('1.0.0', { permissions: { env: ['HELLO_NAME'] } }), 201);
    const asked = { ...NOTHING, env: ['HELLO_NAME'] };

    const unknown = await platform.get('/api/v1/tools/hello-say');
    const silent = await enable({});
    const wrong = await enable({ approve: NOTHING });
    const enabled = await json(await enable({ approve: asked }));
    const task = await createTask(platform, 'hello-say');

    expect(installed).toMatchObject({
      name: '@acme/hello',
      status: 'waiting',
      versions: [{ version: '1.0.0', permissions: asked, permission_changes: { added: ['env HELLO_NAME'] } }],
    });
    expect(unknown.status).toBe(404);
    expect([silent.status, wrong.status]).toEqual([409, 409]);
    expect(enabled).toMatchObject({ status: 'enabled', versions: [{ cases: { passed: 1, failed: 0, skipped: 0 } }] });
    expect(task.tool).toEqual({ name: 'hello-say', version: '1.0.0' });
    await expect(text(task.task_id)).resolves.toEqual({ text: 'Hello from 1.0.0' });
  });

  it('lets tasks that wait end with the version that they have', async () => {
    const holding = await createTask(platform, 'hello-say', { options: { act: 'hold' } });
    await taskIn(platform, holding.task_id, ['processing']);
    const waiting = await createTask(platform, 'hello-say');

    await install('2.0.0');
    const changed = await json(await enable({ approve: NOTHING }));
    const later = await createTask(platform, 'hello-say');
    const removal = await platform.delete(`${HELLO}?version=1.0.0`);
    await cancelTask(platform, holding.task_id);

    expect(changed).toMatchObject({
      version: '2.0.0',
      versions: [
        { version: '2.0.0', status: 'current' },
        { version: '1.0.0', status: 'superseded' },
      ],
    });
    await expect(json(removal, 409)).resolves.toMatchObject({ error: { code: 'plugin_in_use' } });
    await expect(text(waiting.task_id)).resolves.toEqual({ text: 'Hello from 1.0.0' });
    await expect(text(later.task_id)).resolves.toEqual({ text: 'Hello from 2.0.0' });
    expect((await platform.delete(`${HELLO}?version=1.0.0`)).status).toBe(204);
  });

  it('is quarantined when it crashes in one task after the other, until somebody enables it', async () => {
    const crash = () => createTask(platform, 'hello-say', { options: { act: 'crash' } });
    await crash();
    const well = await createTask(platform, 'hello-say');
    await finishedTask(platform, well.task_id);
    expect(await available()).toBe(true);

    const tasks = [await crash(), await crash()];
    await until(async () => (await available()) === false, { describe: 'the plugin is quarantined' });
    const refused = await postTask(platform, 'hello-say');
    const { data: events } = await json(await platform.get('/api/v1/audit?action=plugin_quarantine'));
    const other = await createTask(platform, 'echo');
    for (const { task_id } of tasks) await cancelTask(platform, task_id);
    await json(await enable({}));

    await expect(json(refused, 503)).resolves.toMatchObject({ error: { code: 'tool_unavailable' } });
    expect(events).toMatchObject([{ object: 'plugin:@acme/hello', details: { crashes: 2 } }]);
    await expect(finishedTask(platform, other.task_id)).resolves.toMatchObject({ status: 'completed' });
    const again = await createTask(platform, 'hello-say');
    await expect(text(again.task_id)).resolves.toEqual({ text: 'Hello from 2.0.0' });
  });

  it('that came with Toolyard can be disabled, too, and tasks for it wait', async () => {
    const diagnostics = '/api/v1/plugins/%40toolyard%2Fdiagnostics';
    const waiting = await createTask(platform, 'echo', { options: { delay_ms: 600_000 } });
    await taskIn(platform, waiting.task_id, ['processing']);

    const disabled = await json(await platform.postJson(`${diagnostics}/disable`, {}));
    const refused = await postTask(platform, 'echo');
    await cancelTask(platform, waiting.task_id);
    const enabled = await json(await platform.postJson(`${diagnostics}/enable`, {}));

    expect(disabled).toMatchObject({ origin: 'found', status: 'disabled' });
    expect(refused.status).toBe(503);
    expect(enabled).toMatchObject({ status: 'enabled' });
    await expect(finishedTask(platform, (await createTask(platform, 'echo')).task_id)).resolves.toMatchObject({
      status: 'completed',
    });
  });

  it('is kept over a restart, and unpacked anew where it is not there', async () => {
    await platform.processes[0]?.kill('SIGKILL');
    await rm(join(platform.dataDir, 'plugins'), { recursive: true });
    await platform.processes[0]?.start();

    const task = await createTask(platform, 'hello-say');

    await expect(text(task.task_id)).resolves.toEqual({ text: 'Hello from 2.0.0' });
  });
});

const unpacked = (dataDir: string) => readdir(join(dataDir, 'plugins'));

describe('two machines that share a database, a storage and Redis', () => {
  it('have the same plugins', async () => {
    await using redis = await scratchRedis();
    await using packages = await PackageFolders.make();
    const shared = pathToFileURL(packages.path).href;
    const env = { DATABASE_URL: `${shared}/rows.sqlite`, STORAGE_URL: `${shared}/bytes`, REDIS_URL: redis.url };
    await mkdir(join(packages.path, 'bytes'));
    await using platform = await startPlatform({ roles: ['api'], env });
    await platform.start('worker', { DATA_DIR: join(packages.path, 'other') });
    const bytes = await packages.bytes(hello('1.0.0'));
    const { file_id } = await upload(platform, 'package.tgz', bytes);

    await json(await platform.postJson('/api/v1/plugins', { file_id }), 201);
    await json(await platform.postJson(`${HELLO}/enable`, { approve: NOTHING }));
    const { task_id } = await createTask(platform, 'hello-say');

    await expect(finishedTask(platform, task_id)).resolves.toMatchObject({ data: { text: 'Hello from 1.0.0' } });
    expect(await unpacked(join(packages.path, 'other'))).toEqual(await unpacked(platform.dataDir));
  });
});
