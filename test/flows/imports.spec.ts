import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { taskSchema } from '../../src/tasks/task.document.js';
import { until } from '../conditions.js';
import { type Behaviour, type RemoteServer, startRemote } from '../outbound/remote.server.js';
import { type Platform, startPlatform } from '../platform.js';
import { queryRows } from '../sqlite.js';
import { cancelTask, download, finishedTask, listFiles, readTask, type TaskDocument, upload } from './client.js';
import { problemOf } from './problem.js';
import { storedFiles } from './traces.js';
import { json } from './webhook.receiver.js';

const IMPORT = '/api/v1/files/import';
const SECRET = 'Bearer a-secret-of-another-server';
const BYTES = randomBytes(300_000);
const sha256 = createHash('sha256').update(BYTES).digest('hex');

let platform: Platform;
let remote: RemoteServer;
let behave: Behaviour;

beforeAll(async () => {
  platform = await startPlatform({ env: { OUTBOUND_ALLOW: 'localhost', MAX_UPLOAD_BYTES: '1000000' } });
});
beforeEach(async () => {
  behave = (_, response) => void response.writeHead(200, { 'content-length': BYTES.length }).end(BYTES);
  remote = await startRemote((...given) => behave(...given));
});
afterEach(async () => remote[Symbol.asyncDispose]());
afterAll(async () => platform[Symbol.asyncDispose]());

const begin = async (body: object): Promise<TaskDocument> =>
  taskSchema.parse(await json(await platform.postJson(IMPORT, body), 202));
const imported = async (body: object): Promise<TaskDocument> =>
  finishedTask(platform, (await begin(body)).task_id, 30_000);
const flood: Behaviour = (_, response) => {
  const more = () => {
    while (!response.destroyed && response.write(BYTES));
  };
  response.on('drain', more);
  more();
};

describe('an import', () => {
  it('is a task whose output is the file, which then is like others', async () => {
    const begun = await begin({ url: `${remote.named}/a/photo%20of%20me.bin?token=secret`, tag: 'mine' });
    const task = await finishedTask(platform, begun.task_id);

    expect(task).toMatchObject({ status: 'completed', tag: 'mine', attempt: 1, inputs: [], data: null });
    expect(task.tool).toEqual({ name: 'files.import', version: '1.0.0' });
    expect(task.options).toEqual({ url: `${remote.named}/a/photo%20of%20me.bin` });
    expect(task.progress.ratio).toBe(1);
    const [output] = task.outputs;
    expect(output).toMatchObject({ name: 'photo of me.bin', size: BYTES.length, sha256 });
    expect((await listFiles(platform)).data.map(({ file_id }) => file_id)).toContain(output?.file_id);
    expect((await download(platform, output?.file_id ?? '')).equals(BYTES)).toBe(true);
    const result = await platform.get(`/api/v1/tasks/${task.task_id}/result`);
    expect(Buffer.from(await result.arrayBuffer()).equals(BYTES)).toBe(true);
  });

  it('sends header fields that nobody sees and that are not kept in clear', async () => {
    behave = (_, response) =>
      void response.writeHead(200, { 'content-disposition': 'attachment; filename="named.bin"' }).end(BYTES);
    const task = await begin({ url: `${remote.named}/?key=hidden-in-the-query`, headers: { Authorization: SECRET } });
    const ended = await finishedTask(platform, task.task_id);

    expect(remote.received[0]?.headers).toMatchObject({ authorization: SECRET, 'user-agent': 'Toolyard' });
    expect(ended.outputs[0]?.name).toBe('named.bin');
    const kept = ['', '-wal'].map((end) => readFileSync(join(platform.dataDir, `toolyard.sqlite${end}`), 'latin1'));
    for (const text of [JSON.stringify([task, ended]), platform.logs(), ...kept])
      for (const secret of [SECRET, 'hidden-in-the-query']) expect(text.includes(secret)).toBe(false);
    expect(queryRows(platform, 'select sources from task where id = ?', task.task_id)).toEqual([{ sources: null }]);
  });

  it('tells how far it is, and ends when it is cancelled', async () => {
    let closed = false;
    behave = (_, response) => {
      response.writeHead(200, { 'content-length': 600_000 }).write(BYTES);
      response.once('close', () => (closed = true));
    };
    const { task_id } = await begin({ url: `${remote.named}/` });
    const half = await until(
      async () => {
        const task = await readTask(platform, task_id);
        return task.progress.ratio > 0 ? task : undefined;
      },
      { timeoutMs: 15_000, describe: 'there is progress' },
    );

    await cancelTask(platform, task_id);
    await until(() => closed, { describe: 'the connection is closed' });

    expect(half.progress).toEqual({ ratio: 0.5, message: 'Fetched 0.3 MB of 0.6 MB' });
    await until(async () => queryRows(platform, 'select id from file where stored_at is null').length === 0, {
      describe: 'nothing of the file is left',
    });
  });

  it.each<[string, Behaviour, string]>([
    ['is not there', (_, response) => void response.writeHead(404).end(), 'remote_refused'],
    ['is nothing', (_, response) => void response.writeHead(200).end(), 'file_empty'],
    ['is too large', flood, 'file_too_large'],
    [
      'says that it is too large',
      (_, response) => void response.writeHead(200, { 'content-length': 2_000_000 }).write('x'),
      'file_too_large',
    ],
    [
      'is not what it promises',
      (_, response) =>
        void response.writeHead(200, { 'content-disposition': 'attachment; filename="a.png"' }).end('<html></html>'),
      'file_type_mismatch',
    ],
    [
      'is compressed',
      (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(BYTES),
      'remote_refused',
    ],
    [
      'is inside',
      (_, response) => void response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
      'address_not_allowed',
    ],
  ])('of a file that %s fails at once, and leaves nothing', async (_, behaviour, code) => {
    behave = behaviour;
    const before = await storedFiles(platform);

    const task = await imported({ url: `${remote.named}/` });

    expect(task).toMatchObject({ status: 'failed', attempt: 1, outputs: [], error: { code } });
    expect(await storedFiles(platform)).toEqual(before);
  });

  it('is tried again when the other server has failed', async () => {
    let times = 0;
    behave = (request, response) => {
      times += 1;
      if (times === 1) response.writeHead(503).end();
      else if (times === 2)
        response.writeHead(200, { 'content-length': 100 }).write('x', () => request.socket.resetAndDestroy());
      else response.end(BYTES);
    };

    await expect(imported({ url: `${remote.named}/` })).resolves.toMatchObject({ status: 'completed', attempt: 3 });
  });

  it('fails when the other server goes on failing', async () => {
    behave = (_, response) => void response.writeHead(500).end();

    await expect(imported({ url: `${remote.named}/` })).resolves.toMatchObject({
      status: 'failed',
      attempt: 3,
      error: { code: 'remote_failed' },
    });
  });

  it('survives the end of the server', async () => {
    behave = (_, response) => void response.writeHead(200, { 'content-length': BYTES.length }).write('begun');
    const { task_id } = await begin({ url: `${remote.named}/` });
    await until(() => remote.received.length > 0, { timeoutMs: 15_000, describe: 'it has begun' });

    behave = (_, response) => void response.end(BYTES);
    await platform.kill();
    await platform.process('all').start();

    const task = await finishedTask(platform, task_id, 30_000);
    expect(task).toMatchObject({ status: 'completed', attempt: 2, outputs: [{ sha256 }] });
  });

  it.each([
    [{ url: 'http://127.0.0.1/' }, 'address_not_allowed'],
    [{ url: 'file:///etc/passwd' }, 'address_not_allowed'],
    [{ url: 'http://localhost/', headers: { host: 'other' } }, 'invalid_request'],
    [{ url: 'http://localhost/', headers: { a: 'b\r\nc: d' } }, 'invalid_request'],
    [{ url: 'http://localhost/', headers: { 'a b': 'c' } }, 'invalid_request'],
    [{ url: 'http://localhost/', headers: { 'Content-Length': '5' } }, 'invalid_request'],
    [{}, 'invalid_request'],
  ])('is refused: %j', async (body, code) => {
    expect(await problemOf(await platform.postJson(IMPORT, body))).toMatchObject({ error: { code } });
  });

  it('is begun once by requests with the same key', async () => {
    const headers = { 'idempotency-key': 'the same import' };
    const [first, second] = [
      await platform.postJson(IMPORT, { url: `${remote.named}/` }, headers),
      await platform.postJson(IMPORT, { url: `${remote.named}/` }, headers),
    ];

    await expect(json(second, 202)).resolves.toEqual(await json(first, 202));
  });
});

const hash = (inputs: unknown[]): Promise<Response> => platform.postJson('/api/v1/tools/file-hash/process', { inputs });

const hashed = async (inputs: unknown[]): Promise<TaskDocument> => {
  const { task_id } = taskSchema.parse(await json(await hash(inputs), 202));
  return finishedTask(platform, task_id, 30_000);
};

describe('an input that is elsewhere', () => {
  it('is fetched before the tool runs, and stands among the others', async () => {
    const { file_id } = await upload(platform, 'b.txt', 'b\n');
    const remoteInput = { url: `${remote.named}/a.bin`, headers: { authorization: SECRET } };
    const task = await hashed([remoteInput, file_id, { url: `${remote.named}/c.bin` }]);

    expect(task.inputs.map(({ name }) => name)).toEqual(['a.bin', 'b.txt', 'c.bin']);
    expect(task).toMatchObject({ status: 'completed', error: null });
    expect(JSON.stringify(task.data)).toContain(sha256);
    expect(remote.received.map(({ headers }) => headers.authorization)).toEqual([SECRET, undefined]);
    expect(JSON.stringify(task)).not.toContain(SECRET);
  });

  it('that the tool does not take is the fault of the task, and leaves nothing', async () => {
    behave = ({ url }, response) =>
      void response.end(url === '/1.jpg' ? Buffer.from('ffd8ffe000104a464946', 'hex') : 'text');
    const before = await storedFiles(platform);
    const body = { inputs: [{ url: `${remote.named}/text.txt` }], options: { format: 'webp' } };

    const { task_id } = taskSchema.parse(
      await json(await platform.postJson('/api/v1/tools/image-convert/process', body), 202),
    );

    await expect(finishedTask(platform, task_id)).resolves.toMatchObject({
      status: 'failed',
      error: { code: 'file_type_not_accepted' },
    });
    expect(await storedFiles(platform)).toEqual(before);
  });

  it.each([
    [[{ url: 'http://10.0.0.1/' }], 'address_not_allowed'],
    [[{ url: 'http://localhost/', name: 'x' }], 'invalid_request'],
    [['not an id'], 'invalid_request'],
  ])('is refused: %j', async (inputs, code) => {
    expect(await problemOf(await hash(inputs))).toMatchObject({ error: { code } });
  });
});
