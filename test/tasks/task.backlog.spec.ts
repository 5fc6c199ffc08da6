import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Backlog } from '../../src/tasks/task.backlog.js';
import { loadConfig } from '../../src/config/config.load.js';
import { TaskClaims } from '../../src/tasks/task.claims.js';
import { TaskStore } from '../../src/tasks/task.store.js';
import { until } from '../conditions.js';
import { DATABASES, type TestDatabase } from '../database/databases.js';
import { ECHO, OWNER, pendingTask } from './task.rows.js';

const LIMIT = 4;
const FULL = { code: 'queue_full', status: 429, headers: { 'retry-after': '10' } };

/** Counts the counts. */
class CountingStore extends TaskStore {
  counts = 0;

  override countPending(): Promise<number> {
    this.counts += 1;
    return super.countPending();
  }
}

describe.each(DATABASES)('the backlog on $name', ({ prepare }) => {
  let ground: TestDatabase;
  let store: CountingStore;
  let backlog: Backlog;
  let claims: TaskClaims;

  beforeAll(async () => {
    ground = await prepare();
    claims = new TaskClaims(ground.database);
  });
  beforeEach(async () => {
    await ground.database.change('delete from task', []);
    store = new CountingStore(ground.database);
    backlog = new Backlog(loadConfig({ MAX_PENDING_TASKS: String(LIMIT) }), store);
  });
  afterAll(() => ground[Symbol.asyncDispose]());

  const create = async () => {
    await backlog.refuseWhenFull(OWNER);
    await store.insert(pendingTask());
    backlog.added();
  };

  it('refuses what comes after the limit, and only that', async () => {
    for (let index = 0; index < LIMIT; index++) await create();

    await expect(create()).rejects.toMatchObject(FULL);
    await expect(create()).rejects.toMatchObject(FULL);
    await expect(store.countPending()).resolves.toBe(LIMIT);
  });

  it('is not filled by tasks that have been claimed, however quickly they come', async () => {
    for (let index = 0; index < 5 * LIMIT; index++) {
      await create();
      await claims.claim('worker:1', ECHO);
    }

    await expect(store.countPending()).resolves.toBe(0);
  });

  it('counts rarely while there is room, and not for each task that it refuses', async () => {
    backlog = new Backlog(loadConfig({ MAX_PENDING_TASKS: '500' }), store);
    const atFirst = performance.now();
    for (let index = 0; index < 400; index++) await create();
    const seconds = (performance.now() - atFirst) / 1_000;
    const whileFilling = store.counts;
    for (let index = 0; index < 100; index++) await store.insert(pendingTask());
    await until(
      () =>
        backlog.refuseWhenFull(OWNER).then(
          () => false,
          () => true,
        ),
      { describe: 'it is full' },
    );
    const before = store.counts;
    const refusals = await Promise.allSettled(Array.from({ length: 50 }, () => create()));

    expect(whileFilling).toBeLessThanOrEqual(1 + seconds);
    expect(refusals.every(({ status }) => status === 'rejected')).toBe(true);
    expect(store.counts - before).toBeLessThanOrEqual(1);
  });

  it('keeps the last tenth for those who have little in it', async () => {
    backlog = new Backlog(loadConfig({ MAX_PENDING_TASKS: '200' }), store);
    const createFor = async (owner: string) => {
      await backlog.refuseWhenFull(owner);
      await store.insert(pendingTask({ owner }));
      backlog.added();
    };
    for (let index = 0; index < 180; index++) await createFor('hog');

    await expect(createFor('hog')).rejects.toMatchObject(FULL);
    for (let index = 0; index < 2; index++) await createFor('newcomer');
    await expect(createFor('newcomer')).rejects.toMatchObject(FULL);
    for (let index = 0; index < 18; index++) await createFor(`newcomer ${index}`);
    await expect(createFor('late')).rejects.toMatchObject(FULL);
    await expect(store.countPending()).resolves.toBe(200);
  });

  it('has room again when tasks were claimed', async () => {
    for (let index = 0; index < LIMIT; index++) await create();
    await expect(create()).rejects.toMatchObject(FULL);

    await claims.claim('worker:1', ECHO);

    await until(() => create().then(() => true), { describe: 'there is room' });
    await expect(create()).rejects.toMatchObject(FULL);
  });

  it('passes on that the database does not answer, and asks again', async () => {
    const count = store.countPending.bind(store);
    store.countPending = async () => {
      throw new Error('The database does not answer.');
    };
    await expect(create()).rejects.toThrow('The database does not answer.');
    store.countPending = count;

    await expect(create()).resolves.toBeUndefined();
  });
});
