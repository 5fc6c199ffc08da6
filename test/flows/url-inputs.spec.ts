import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { planSchema } from '../../src/tasks/plan/plan.document.js';
import { taskSchema } from '../../src/tasks/task.document.js';
import { until } from '../conditions.js';
import { type Behaviour, type RemoteServer, startRemote } from '../outbound/remote.server.js';
import { type Platform, startPlatform } from '../platform.js';
import { finishedTask, type TaskDocument, upload } from './client.js';
import { problemOf } from './problem.js';
import { json, messageIds, newWebhook, verified } from './webhook.receiver.js';

/** Where files that are elsewhere meet what is known before, after and without a run. */

let platform: Platform;
let remote: RemoteServer;
let behave: Behaviour;

beforeAll(async () => {
  platform = await startPlatform({ env: { OUTBOUND_ALLOW: 'localhost' } });
});
beforeEach(async () => {
  const bytes = randomBytes(1_000);
  behave = (_, response) => void response.writeHead(200).end(bytes);
  remote = await startRemote((...given) => behave(...given));
});
afterEach(async () => remote[Symbol.asyncDispose]());
afterAll(async () => platform[Symbol.asyncDispose]());

const hashed = async (inputs: unknown[]): Promise<TaskDocument> => {
  const answer = await platform.postJson('/api/v1/tools/file-hash/process', { inputs, priority: 7, tag: 'mine' });
  return finishedTask(platform, taskSchema.parse(await json(answer, 202)).task_id, 30_000);
};
const again = ({ task_id }: TaskDocument) => platform.postJson(`/api/v1/tasks/${task_id}/retry`, {});

describe('a task whose input came by URL', () => {
  it('is not answered by another one, because nobody knows what is fetched', async () => {
    const url = `${remote.named}/a.bin`;
    const first = await hashed([{ url }]);
    const second = await hashed([{ url }]);

    expect(second).toMatchObject({ status: 'completed', cache_hit: false, data: first.data });
    expect(remote.received).toHaveLength(2);
  });

  it('is repeated with the file as it was, with tag and priority, without going there again', async () => {
    const first = await hashed([{ url: `${remote.named}/a.bin` }]);
    expect(first.links.retry).not.toBeNull();

    const { task_id } = taskSchema.parse(await json(await again(first), 202));

    const second = await finishedTask(platform, task_id);
    expect(second).toMatchObject({ status: 'completed', tag: 'mine', priority: 7, retry_of: first.task_id });
    expect(second).toMatchObject({ inputs: first.inputs, data: first.data });
    expect(remote.received).toHaveLength(1);
  });

  it('is not repeated when the file was never there, not even with the inputs that were', async () => {
    behave = (_, response) => void response.writeHead(404).end();
    const { file_id } = await upload(platform, 'b.txt', 'b\n');
    const task = await hashed([file_id, { url: `${remote.named}/a.bin` }]);

    expect(task).toMatchObject({ status: 'failed', links: { retry: null } });
    expect(await problemOf(await again(task))).toMatchObject({ status: 409, error: { code: 'task_not_repeatable' } });
  });

  it('has a plan that promises nothing', async () => {
    const planned = async (input: unknown) => {
      const answer = await platform.postJson('/api/v1/tools/file-hash/plan', { inputs: [input] });
      return planSchema.parse(await json(answer, 200));
    };
    const plan = (url: string) => planned({ url });
    await hashed([(await upload(platform, 'b.txt', 'for the history\n')).file_id]);
    const { file_id } = await upload(platform, 'b.txt', 'not hashed yet\n');
    await until(async () => (await planned(file_id)).estimate.run_seconds, {
      timeoutMs: 15_000,
      describe: 'it is known how long the tool takes',
    });

    await expect(plan(`${remote.named}/a.bin`)).resolves.toMatchObject({
      accepted: true,
      cached: false,
      input_bytes: 0,
      estimate: { run_seconds: null, eta_seconds: null },
    });
    await expect(plan('http://10.0.0.1/')).resolves.toMatchObject({
      accepted: false,
      refusals: [{ code: 'address_not_allowed' }],
    });
    expect(remote.received).toEqual([]);
  });
});

describe('an import', () => {
  it('is not repeated, and says so', async () => {
    const begun = await platform.postJson('/api/v1/files/import', { url: `${remote.named}/a.bin` });
    const task = await finishedTask(platform, taskSchema.parse(await json(begun, 202)).task_id);

    expect(task.links.retry).toBeNull();
    expect(await problemOf(await again(task))).toMatchObject({ status: 409, error: { code: 'task_not_repeatable' } });
  });

  it('waits for a worker that is there, and knows from earlier ones how long', async () => {
    const url = `${remote.named}/a.bin`;
    const first = taskSchema.parse(await json(await platform.postJson('/api/v1/files/import', { url }), 202));
    await finishedTask(platform, first.task_id);
    behave = () => {};
    const task = await readWaiting(async () => {
      // More than run at the same time.
      const begun = await Promise.all(
        Array.from({ length: 8 }, async () => json(await platform.postJson('/api/v1/files/import', { url }), 202)),
      );
      return begun.map((body) => taskSchema.parse(body).task_id);
    });

    expect(['tool_limit', null]).toContain(task.status_reason);
    expect(task.queue?.eta_seconds).toEqual({ p50: expect.any(Number), p90: expect.any(Number) });
  });
});

/** One of these tasks that waits, as soon as its end is foreseen; then all of them are cancelled. */
async function readWaiting(begin: () => Promise<string[]>): Promise<TaskDocument> {
  const ids = await begin();
  try {
    return await until(
      async () => {
        const answers = await Promise.all(ids.map(async (id) => json(await platform.get(`/api/v1/tasks/${id}`), 200)));
        return answers
          .map((answer) => taskSchema.parse(answer))
          .find(({ status, queue }) => status === 'pending' && queue?.eta_seconds);
      },
      { timeoutMs: 15_000, describe: 'an import waits, and it is known how long' },
    );
  } finally {
    for (const id of ids) await platform.postJson(`/api/v1/tasks/${id}/cancel`, {});
  }
}

describe('a result that was known', () => {
  it('is told to callback_url and to webhooks as every end is', async () => {
    const { secret } = await newWebhook(platform, {});
    const { file_id } = await upload(platform, 'c.txt', `c ${randomBytes(8).toString('hex')}\n`);
    await hashed([file_id]);
    const wanted = { inputs: [file_id], callback_url: `${remote.named}/callback` };

    const answer = await platform.postJson('/api/v1/tools/file-hash/process', wanted);
    const task = taskSchema.parse(await json(answer, 202));

    expect(task).toMatchObject({ status: 'completed', cache_hit: true });
    const [got] = await until(() => (remote.received.length > 0 ? remote.received : undefined), {
      timeoutMs: 15_000,
      describe: 'the callback is told',
    });
    if (!got) throw new Error('Nothing came.');
    expect(messageIds(remote.received)).toEqual([`evt_${task.task_id}`]);
    expect(verified(got, secret)).toMatchObject({ type: 'task.completed', data: { cache_hit: true } });
  });
});
