import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Attempt, IdempotencyStore, LEASE_MS } from '../../src/idempotency/idempotency.store.js';
import { TaskStore } from '../../src/tasks/task.store.js';
import { DATABASES, type TestDatabase } from '../database/databases.js';
import { OWNER, pendingTask } from '../tasks/task.rows.js';

const DAY_MS = 86_400_000;
const ANSWER = { headers: { location: '/there' }, body: { second: 2, first: [1, null, 'ключ'] } };

describe.each(DATABASES)('the rows of Idempotency-Keys on $name', ({ prepare }) => {
  let ground: TestDatabase;
  let store: IdempotencyStore;
  /** Of another process. */
  let other: IdempotencyStore;
  let tasks: TaskStore;

  beforeAll(async () => {
    ground = await prepare();
    store = new IdempotencyStore(ground.database);
    other = new IdempotencyStore(await ground.open());
    tasks = new TaskStore(ground.database);
  });
  beforeEach(async () => {
    await ground.database.change('delete from idempotency', []);
    await ground.database.change('delete from task', []);
  });
  afterAll(() => ground[Symbol.asyncDispose]());

  async function claimed(key = 'key', now = new Date()): Promise<Attempt> {
    const attempt = await store.claim(OWNER, key, now);
    if (!attempt) throw new Error(`The key ${key} is taken.`);
    return attempt;
  }

  it('give a key to one of many that want it at once', async () => {
    const claims = Array.from({ length: 50 }, (_, index) => (index % 2 ? store : other).claim(OWNER, 'key'));

    expect((await Promise.all(claims)).filter((claim) => claim)).toHaveLength(1);
    expect(await store.find(OWNER, 'key')).not.toHaveProperty('answer');
  });

  it('know each owner by itself', async () => {
    await claimed();

    expect(await store.claim('somebody else', 'key')).toBeDefined();
    expect(await store.find('nobody', 'key')).toBeUndefined();
  });

  it('keep the answer as it was', async () => {
    await store.complete(await claimed(), '3:abc', ANSWER);

    const kept = await store.find(OWNER, 'key');
    expect(kept).toEqual({ fingerprint: '3:abc', answer: ANSWER });
    expect(JSON.stringify(kept?.answer)).toBe(JSON.stringify(ANSWER));
    expect(await other.claim(OWNER, 'key')).toBeUndefined();
  });

  it('are free again when they are given back, unless there is an answer', async () => {
    await store.release(await claimed('unanswered'));
    const answered = await claimed('answered');
    await store.complete(answered, '3:abc', ANSWER);
    await store.release(answered);

    expect(await store.claim(OWNER, 'unanswered')).toBeDefined();
    expect(await store.claim(OWNER, 'answered')).toBeUndefined();
  });

  it('are taken from a process that was not heard of, which then can do nothing with them', async () => {
    const dead = await claimed('key', new Date(Date.now() - LEASE_MS - 1));
    const heir = await other.claim(OWNER, 'key');

    expect(heir).toBeDefined();
    await store.release(dead);
    await store.complete(dead, '3:abc', ANSWER);
    expect(await store.find(OWNER, 'key')).not.toHaveProperty('answer');
    expect(await tasks.insert(pendingTask(), store.completing(dead, '3:abc', ANSWER))).toBe(false);
    expect(await ground.database.query('select id from task', [])).toEqual([]);
  });

  it('are not taken from one that says it is alive', async () => {
    const attempt = await claimed('key', new Date(Date.now() - LEASE_MS - 1));
    await store.renew(attempt);

    expect(await other.claim(OWNER, 'key')).toBeUndefined();
  });

  it('are taken when a day is over, with or without an answer, and purged', async () => {
    const yesterday = new Date(Date.now() - DAY_MS - 1);
    await store.complete(await claimed('answered', yesterday), '3:abc', ANSWER);
    expect(await store.claim(OWNER, 'answered')).toBeDefined();
    expect(await store.find(OWNER, 'answered')).not.toHaveProperty('answer');

    await claimed('old', yesterday);
    expect(await store.purge()).toBe(1);
    expect(await store.find(OWNER, 'old')).toBeUndefined();
    expect(await store.find(OWNER, 'answered')).toBeDefined();
  });

  it('get their answer together with the task', async () => {
    const task = pendingTask();

    expect(await tasks.insert(task, store.completing(await claimed(), '3:abc', ANSWER))).toBe(true);
    expect(await store.find(OWNER, 'key')).toHaveProperty('answer');
    expect(await tasks.find(task.id)).toBeDefined();
  });

  it('get no answer when there is no task', async () => {
    const task = pendingTask();
    await tasks.insert(task);

    await expect(tasks.insert(task, store.completing(await claimed(), '3:abc', ANSWER))).rejects.toThrow(/unique/i);
    expect(await store.find(OWNER, 'key')).not.toHaveProperty('answer');
  });
});
