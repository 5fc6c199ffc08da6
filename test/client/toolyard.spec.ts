import { createHash, randomBytes } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer, json } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunProgress, Toolyard, type ToolyardError } from '../../src/client/index.js';
import { readTask } from '../flows/client.js';
import { PLUGINS_DIR } from '../flows/grounds.js';
import { picture } from '../files/detection/samples.js';
import { type Platform, startPlatform } from '../platform.js';
import { until } from '../conditions.js';
import { TemporaryHome } from '../servers/temporary-home.js';

let platform: Platform;
let home: TemporaryHome;
let key: string;
let toolyard: Toolyard;

beforeAll(async () => {
  home = await TemporaryHome.open();
  platform = await startPlatform({ env: { PLUGINS_DIR } });
  key = platform.credentials['authorization']?.replace('Bearer ', '') ?? '';
  toolyard = new Toolyard({ url: `${platform.url}/`, key });
});
afterAll(async () => {
  await platform[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

const failure = (promise: Promise<unknown>): Promise<ToolyardError> =>
  promise.then(
    () => Promise.reject(new Error('It succeeded.')),
    (error) => error,
  );

describe('the client', () => {
  it('runs a tool on a file and gives the result', async () => {
    const progress: RunProgress[] = [];
    const photo = new File([new Uint8Array(await picture('jpeg', 400))], 'photo.jpg');

    const result = await toolyard.run(
      'image-convert',
      photo,
      { format: 'webp', width: 32 },
      { tag: 'mine', onProgress: (step) => progress.push(step) },
    );

    expect(result).toMatchObject({
      name: 'photo.webp',
      type: 'image/webp',
      task: { status: 'completed', tag: 'mine' },
    });
    expect((await buffer(result.stream)).subarray(8, 12).toString()).toBe('WEBP');
    expect(progress[0]).toMatchObject({ stage: 'uploading', ratio: 0 });
    expect(progress.at(-1)).toMatchObject({ stage: 'running', ratio: 1, task: { status: 'completed' } });
  });

  it('sends a large file in pieces, from the disk, under its name', async () => {
    const bytes = randomBytes(3_000_000);
    const path = join(home.path, 'Größe 1.bin');
    await writeFile(path, bytes);
    const sent: number[] = [];
    const onProgress = ({ stage, ratio }: RunProgress) => void (stage === 'uploading' && sent.push(ratio));

    const { task, stream } = await toolyard.run(
      'file-hash',
      { name: 'Größe 1.bin', data: await openAsBlob(path) },
      {},
      { piecesAbove: 1_000_000, pieceBytes: 700_000, onProgress },
    );

    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(task.inputs).toMatchObject([{ name: 'Größe 1.bin', size: 3_000_000, sha256 }]);
    expect(JSON.stringify(await json(stream))).toContain(sha256);
    expect(sent.length).toBeGreaterThanOrEqual(6);
    expect(sent.toSorted((a, b) => a - b)).toEqual(sent);
  });

  it('goes on with the pieces when the server dies in between', async () => {
    const bytes = randomBytes(2_000_000);
    const server = platform.process('all');
    let death: Promise<unknown> | undefined;
    const die = (sent: number) => {
      if (sent < 500_000 || death) return;
      death = server.kill().then(() => server.start());
    };

    const id = await toolyard.upload(
      { name: 'a.bin', data: new Uint8Array(bytes) },
      { piecesAbove: 0, pieceBytes: 100_000, onBytes: die },
    );
    await death;

    expect(death).toBeDefined();
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(await (await platform.get(`/api/v1/files/${id}`)).json()).toMatchObject({ sha256 });
  });

  it('takes files that are there already, and tools that need none', async () => {
    const id = await toolyard.upload(new File(['hello\n'], 'a.txt'));

    const hashed = await toolyard.run('file-hash', [id, id]);
    const echoed = await toolyard.run('echo', [], { message: 'hello' });

    expect(hashed.task.inputs.map(({ file_id }) => file_id)).toEqual([id, id]);
    expect(await json(echoed.stream)).toMatchObject({ message: 'hello' });
    expect(echoed.name).toBe('echo.json');
  });

  it('cancels the task when its signal aborts', async () => {
    const controller = new AbortController();
    let id = '';
    const onProgress = ({ task }: RunProgress) => {
      id = task?.task_id ?? id;
      if (task?.status === 'processing') controller.abort(new Error('enough'));
    };

    const running = toolyard.run(
      'echo',
      [],
      { message: 'x', delay_ms: 30_000 },
      { signal: controller.signal, onProgress },
    );

    await expect(running).rejects.toThrow('enough');
    const isCancelled = async () => (await readTask(platform, id)).status === 'cancelled';
    await until(isCancelled, { describe: 'the task is cancelled' });
  });

  it('lists tools and tasks', async () => {
    expect((await toolyard.tools()).map(({ name }) => name)).toContain('echo');
    expect((await toolyard.tool('echo')).options_schema).toHaveProperty('properties');
    expect((await toolyard.tasks({ tool: 'echo', limit: 1 })).map(({ tool }) => tool.name)).toEqual(['echo']);
  });
});

describe('a fault', () => {
  it('of the options is told with what is wrong', async () => {
    const error = await failure(toolyard.run('image-convert', [], { width: 0 }));

    expect(error).toMatchObject({
      name: 'ToolyardError',
      code: 'invalid_options',
      status: 422,
      type: 'validation_error',
      retryable: false,
    });
    expect(error.details.length).toBeGreaterThan(0);
    expect(error.requestId).toBeDefined();
  });

  it('of the tool brings the task along', async () => {
    const error = await failure(toolyard.run('echo', [], { message: 'x', fail: 'error' }));

    expect(error).toMatchObject({ type: 'tool_error', status: undefined, task: { status: 'failed' } });
  });

  it('of the credentials is told at once', async () => {
    const error = await failure(new Toolyard({ url: platform.url, key: 'ty_live_wrong' }).tools());

    expect(error).toMatchObject({ code: 'not_authenticated', status: 401 });
  });

  it('of the network says that nobody answers', async () => {
    const error = await failure(new Toolyard({ url: 'http://127.0.0.1:1' }).tools());

    expect(error).toMatchObject({ code: 'unreachable', retryable: true });
  });
});
