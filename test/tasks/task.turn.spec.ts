import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import { TaskClaims } from '../../src/tasks/task.claims.js';
import type { Task } from '../../src/tasks/task.entity.js';
import { TaskStore } from '../../src/tasks/task.store.js';
import { DATABASES, type TestDatabase } from '../database/databases.js';
import { randomNumbers } from '../random.js';
import { ECHO, pendingTask } from './task.rows.js';

const WORKER = 'worker:1';
const SEED = Number(process.env['TEST_SEED'] ?? 20_261_121);
const STEPS = 600;

const OWNERS = ['ann', 'ben', 'cleo', 'dora'];
const PRIORITIES = [0, 5, 9];

interface Modelled {
  readonly task: Task;
  readonly turn: number;
  state: 'pending' | 'claimed' | 'over';
  wasClaimed: boolean;
}

/** The policy in words that are not SQL: who waits, in which turn, and who is next. */
class Model {
  private readonly tasks: Modelled[] = [];

  in(state: Modelled['state']): Modelled[] {
    return this.tasks.filter((entry) => entry.state === state);
  }

  add(task: Task): void {
    const lane = this.tasks.filter((entry) => entry.task.priority === task.priority);
    const own = lane.filter((entry) => entry.state === 'pending' && entry.task.owner === task.owner);
    const before = [...own, ...lane.filter(({ wasClaimed }) => wasClaimed)].map(({ turn }) => turn);
    this.tasks.push({ task, turn: Math.max(0, ...before) + 1, state: 'pending', wasClaimed: false });
  }

  next(): Modelled | undefined {
    return this.in('pending').toSorted(
      (a, b) => b.task.priority - a.task.priority || a.turn - b.turn || (a.task.id < b.task.id ? -1 : 1),
    )[0];
  }
}

const shares = (owners: readonly string[]) =>
  Object.fromEntries([...Map.groupBy(owners, (owner) => owner)].map(([owner, { length }]) => [owner, length]));

describe.each(DATABASES)('the turns of owners on $name', ({ kind, prepare }) => {
  let ground: TestDatabase;
  let store: TaskStore;
  let claims: TaskClaims;

  beforeAll(async () => {
    ground = await prepare();
    store = new TaskStore(ground.database);
    claims = new TaskClaims(ground.database);
  });
  beforeEach(async () => {
    await ground.database.change('delete from task', []);
  });
  afterAll(() => ground[Symbol.asyncDispose]());

  const insert = async (owner: string, members: Partial<Task> = {}): Promise<Task> => {
    const task = pendingTask({ owner, ...members });
    await store.insert(task);
    return task;
  };
  const insertMany = async (owner: string, count: number) => {
    for (let index = 0; index < count; index++) await insert(owner);
  };
  const claim = () => claims.claim(WORKER, ECHO);
  const settle = ({ id, attempt }: Task, status: 'completed' | 'pending') =>
    store.settle({ id, attempt, leaseOwner: WORKER }, status, {});
  /** Whose tasks are claimed next, each done at once. */
  const claimedOwners = async (count: number): Promise<string[]> => {
    const owners = [];
    for (let task = await claim(); task; task = owners.length < count ? await claim() : undefined) {
      owners.push(task.owner);
      await settle(task, 'completed');
    }
    return owners;
  };

  it('let two tasks of one owner pass thousands of another', async () => {
    await insertMany('ann', 2_000);
    await claimedOwners(5);

    await insertMany('ben', 2);

    await expect(claimedOwners(4)).resolves.toEqual(['ann', 'ben', 'ann', 'ben']);
  });

  it('share the runs alike, whoever began and whoever has more', async () => {
    await insertMany('ann', 300);
    await claimedOwners(20);
    await insertMany('ben', 200);
    await claimedOwners(30);
    await insertMany('cleo', 100);

    expect(shares(await claimedOwners(90))).toEqual({ ann: 30, ben: 30, cleo: 30 });
  });

  it('go by age among the tasks of one owner', async () => {
    const tasks = [];
    for (let index = 0; index < 20; index++) tasks.push(await insert('ann'));

    for (const { id } of tasks) await expect(claim()).resolves.toMatchObject({ id });
  });

  it('are not saved up by who was away', async () => {
    await insertMany('ann', 1);
    await insertMany('ben', 100);
    await claimedOwners(50);

    await insertMany('ann', 50);

    expect(shares(await claimedOwners(40))).toEqual({ ann: 20, ben: 20 });
  });

  it('are not gained by sending each task when the one before has begun', async () => {
    await insertMany('ben', 100);
    const owners: string[] = [];
    for (let round = 0; round < 20; round++) {
      await insert('ann');
      owners.push(...(await claimedOwners(1)));
    }

    expect(shares(owners)['ben']).toBeGreaterThanOrEqual(10);
    expect(shares(owners)['ann']).toBeGreaterThanOrEqual(9);
  });

  it('are not lost by who cancels what waits', async () => {
    await insertMany('ben', 20);
    const cancelled = [];
    for (let index = 0; index < 200; index++) cancelled.push(await insert('ann'));
    for (const { id } of cancelled) await store.move('ann', id, 'cancelled', {});

    await insertMany('ann', 10);

    expect(shares(await claimedOwners(9))).toEqual({ ann: 4, ben: 5 });
  });

  it('come after priority, and each priority has its own', async () => {
    await insertMany('ann', 50);
    await insert('ann', { priority: 9 });
    await insert('ben', { priority: 9 });
    await insert('ben', { priority: 9 });
    await insert('cleo', { priority: 0 });

    await expect(claimedOwners(4)).resolves.toEqual(['ann', 'ben', 'ben', 'ann']);
  });

  it('are kept by a task that is tried again', async () => {
    const first = await insert('ann');
    await insertMany('ann', 5);
    await insertMany('ben', 5);
    const running = await claim();
    await claimedOwners(3);

    await settle(running ?? first, 'pending');

    await expect(claim()).resolves.toMatchObject({ id: first.id, attempt: 2 });
  });

  it(`are as a model says, however inserts, claims, ends and cancels mix (seed ${SEED})`, async () => {
    const random = randomNumbers(SEED);
    const pick = <T>(from: readonly T[]): T | undefined => from[random(from.length)];
    const model = new Model();
    const steps = {
      insert: async () => {
        const task = await insert(pick(OWNERS) ?? '', { priority: pick(PRIORITIES) ?? 5 });
        model.add(task);
      },
      claim: async () => {
        const expected = model.next();
        const claimed = await claim();
        expect(claimed?.id).toBe(expected?.task.id);
        if (expected) Object.assign(expected, { state: 'claimed', wasClaimed: true });
      },
      end: async () => {
        const entry = pick(model.in('claimed'));
        const again = random(5) === 0;
        const row = entry && (await store.find(entry.task.id));
        if (row) await settle(row, again ? 'pending' : 'completed');
        if (entry) entry.state = again ? 'pending' : 'over';
      },
      cancel: async () => {
        const entry = pick(model.in('pending'));
        if (entry) await store.move(entry.task.owner, entry.task.id, 'cancelled', {});
        if (entry) entry.state = 'over';
      },
    };
    const kinds = ['insert', 'insert', 'insert', 'insert', 'claim', 'claim', 'claim', 'end', 'end', 'cancel'] as const;

    for (let step = 0; step < STEPS; step++) await steps[pick(kinds) ?? 'claim']();
    while (model.next()) await steps.claim();

    await expect(claim()).resolves.toBeUndefined();
  });

  if (kind === 'sqlite')
    it('are found by their indexes, also after the planner has seen statistics', async () => {
      await insertMany('ann', 500);
      await ground.database.change('analyze', []);
      const statements: [string, readonly unknown[]][] = [];
      const record = (method: 'query' | 'change') => ({
        value: (statement: string, values: readonly unknown[]) => {
          statements.push([statement, values]);
          return ground.database[method](statement, values);
        },
      });
      const recorded: Database = Object.create(ground.database, { query: record('query'), change: record('change') });

      await new TaskStore(recorded).insert(pendingTask());
      await new TaskClaims(recorded).claim(WORKER, ECHO);

      const plans = [];
      for (const [statement, values] of statements)
        plans.push(...(await ground.database.query(`explain query plan ${statement}`, values)));
      const steps = plans.map(({ detail }) => String(detail)).filter((step) => /^(SCAN|SEARCH|USE)/.test(step));
      expect(steps.filter((step) => step.startsWith('SCAN'))).toEqual(['SCAN task USING INDEX task_pending']);
      expect(steps.filter((step) => step.startsWith('USE'))).toEqual([]);
      expect(steps.filter((step) => /task_(turn|round)/.test(step))).toHaveLength(2);
    });
});
