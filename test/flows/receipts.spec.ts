import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { signedReceiptSchema, type SignedReceipt } from '../../src/tasks/receipts/receipt.document.js';
import { type Platform, startPlatform } from '../platform.js';
import { changeRows, queryRows } from '../sqlite.js';
import { newUser } from '../users.js';
import { createTask, download, finishedTask, type TaskDocument, upload, type Wanted } from './client.js';
import { PLUGINS_DIR } from './grounds.js';
import { problemOf } from './problem.js';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

let platform: Platform;
let directory: string;
let photo: Buffer;
beforeAll(async () => {
  platform = await startPlatform({ env: { PLUGINS_DIR } });
  directory = await mkdtemp(join(tmpdir(), 'toolyard-receipts-'));
  photo = await sharp({ create: { width: 60, height: 40, channels: 3, background: '#a52' } })
    .jpeg()
    .toBuffer();
  await writeFile(join(directory, 'photo.jpg'), photo);
});
afterAll(async () => {
  await platform[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

function toolyard(...args: string[]): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const env = { PATH: process.env['PATH'] ?? '', DATA_DIR: platform.dataDir, PLUGINS_DIR };
  execFile(process.execPath, [CLI, ...args], { env, cwd: directory }, (error, out, err) =>
    resolve({ code: error ? Number(error.code) : 0, out, err }),
  );
  return promise;
}

async function finished(tool: string, wanted: Wanted): Promise<TaskDocument> {
  return finishedTask(platform, (await createTask(platform, tool, wanted)).task_id);
}

async function converted(): Promise<TaskDocument> {
  const { file_id } = await upload(platform, 'photo.jpg', photo);
  return finished('image-convert', { inputs: [file_id], options: { format: 'webp' } });
}

async function receiptOf({ links }: TaskDocument): Promise<SignedReceipt> {
  return signedReceiptSchema.parse(JSON.parse(await (await platform.get(links.receipt ?? '')).text()));
}

async function keep(name: string, content: unknown): Promise<string> {
  await writeFile(join(directory, name), typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  return name;
}

describe('a receipt', () => {
  it('says what was made of what, by which tool, within which limits', async () => {
    const task = await converted();
    const { receipt } = await receiptOf(task);

    expect(receipt).toMatchObject({
      task_id: task.task_id,
      status: 'completed',
      tool: {
        name: 'image-convert',
        version: task.tool.version,
        content_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      inputs: [{ name: 'photo.jpg', type: 'image/jpeg', size: photo.length, sha256: task.inputs[0]?.sha256 }],
      outputs: [{ name: 'photo.webp', sha256: task.outputs[0]?.sha256 }],
      options: { format: 'webp', fit: 'inside' },
      limits: { memory_mb: 2560 },
      usage: task.usage,
      started_at: task.started_at,
      cache_hit: false,
    });
    expect(await receiptOf(task)).toEqual(await receiptOf(task));
  });

  it('is there for failed tasks, too, and for no task that goes on, has expired or is hidden', async () => {
    const failed = await finished('echo', { options: { fail: 'error' } });
    const running = await createTask(platform, 'echo', { options: { delay_ms: 600_000 } });
    const other = await newUser(platform, 'user');
    const path = `/api/v1/tasks/${running.task_id}/receipt`;

    expect(await receiptOf(failed)).toMatchObject({ receipt: { status: 'failed', error_code: 'asked_to_fail' } });
    expect(await problemOf(await platform.get(path))).toMatchObject({ error: { code: 'task_not_finished' } });
    expect(await problemOf(await other.get(path))).toMatchObject({ error: { code: 'task_not_found' } });
    await platform.post('/api/v1/tasks/cancel?tool=echo');
    expect(await receiptOf(await finishedTask(platform, running.task_id))).toMatchObject({
      receipt: { status: 'cancelled', tool: { content_sha256: null } },
    });
    changeRows(platform, 'update task set purged_at = 1 where id = ?', failed.task_id);
    const expired = await platform.get(failed.links.receipt ?? '');
    expect(await problemOf(expired)).toMatchObject({ error: { code: 'result_expired' } });
  });

  it('is proven by the command line, with the files', async () => {
    const task = await converted();
    const signed = await receiptOf(task);
    await keep('receipt.json', signed);
    await writeFile(join(directory, 'photo.webp'), await download(platform, task.outputs[0]?.file_id ?? ''));

    const here = await toolyard('receipt', 'verify', 'receipt.json', 'photo.webp', 'photo.jpg');
    const strange = await toolyard('receipt', 'verify', 'receipt.json', 'receipt.json');

    expect(here).toMatchObject({ code: 0, err: '' });
    expect(here.out).toContain(
      'photo.webp: output photo.webp\nphoto.jpg: input photo.jpg\nThe receipt is genuine: task',
    );
    expect(strange.code).toBe(1);
    expect(strange.err).toContain('receipt.json is neither an input nor an output in this receipt.');
  });

  it('is proven elsewhere by the public key, which anybody may have', async () => {
    await keep('receipt.json', await receiptOf(await converted()));
    await keep('keys.json', await (await platform.as().get('/api/v1/receipts/keys')).text());

    expect(await toolyard('receipt', 'verify', 'receipt.json', '--keys', 'keys.json')).toMatchObject({ code: 0 });
    await keep('none.json', { keys: [] });
    expect(await toolyard('receipt', 'verify', 'receipt.json', '--keys', 'none.json')).toMatchObject({ code: 1 });
  });

  it.each([
    ['another hash', (text: string) => text.replace(/"sha256":"[0-9a-f]{4}/, '"sha256":"0000')],
    ['another option', (text: string) => text.replace('"fit":"inside"', '"fit":"cover"')],
    ['one more member', (text: string) => text.replace('"receipt":{', '"receipt":{"more":1,')],
    ['one member less', (text: string) => text.replace(/"cache_hit":\w+,/, '')],
    ['another signature', (text: string) => text.replace(/"value":"[\w-]{4}/, '"value":"AAAA')],
    ['no signature', (text: string) => text.replace('"signature"', '"unsigned"')],
  ])('with %s is not genuine', async (_, forge) => {
    const text = JSON.stringify(await receiptOf(await converted()));
    expect(forge(text)).not.toBe(text);
    await keep('forged.json', forge(text));

    expect(await toolyard('receipt', 'verify', 'forged.json')).toMatchObject({ code: 1, out: '' });
  });
});

describe('a replay', () => {
  it('makes the same again, and changes nothing', async () => {
    const task = await converted();
    const before = queryRows(platform, 'select id, status from task union select id, sha256 from file');

    const { code, out } = await toolyard('replay', task.task_id);

    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('The same came of it.') });
    expect(out).toContain(`Output photo.webp: the same, ${task.outputs[0]?.sha256}`);
    expect(queryRows(platform, 'select id, status from task union select id, sha256 from file')).toEqual(before);
  });

  it('sees the same failure again', async () => {
    const task = await finished('echo', { options: { fail: 'error' } });

    const { code, out } = await toolyard('replay', task.task_id);

    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('Failure: the same, asked_to_fail') });
  });

  it('tells what differs', async () => {
    const { file_id } = await upload(platform, 'a.txt', 'to stamp\n');
    const task = await finished('stamp', { inputs: [file_id] });

    const { code, out, err } = await toolyard('replay', task.task_id);

    expect(code).toBe(1);
    expect(out).toMatch(/Output stamp\.txt: was [0-9a-f]{64}, is [0-9a-f]{64}\nData: was/);
    expect(err).toContain('The task made something else this time.');
  });

  it.each(['nonsense', '019a0000-0000-7000-8000-000000000000'])('knows no task %s', async (id) => {
    expect(await toolyard('replay', id)).toMatchObject({ code: 1, err: expect.stringContaining('There is no task') });
  });
});
