import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Rows } from '../../src/database/rows.js';
import { Task } from '../../src/tasks/task.entity.js';
import { OWNER, pendingTask } from '../tasks/task.rows.js';
import { DATABASES, type TestDatabase } from './databases.js';

const TURNS = 20;

describe.each(DATABASES)('a single statement while a transaction is open on $name', ({ kind, prepare }) => {
  let ground: TestDatabase;
  let rows: Rows<Task>;

  beforeAll(async () => {
    ground = await prepare();
    rows = ground.database.rows(Task);
  });
  afterAll(() => ground[Symbol.asyncDispose]());

  const exists = async ({ id }: Task): Promise<boolean> => (await rows.find('id = ?', [id])) !== undefined;

  /** A transaction that has written `task` and waits to be told how to end. */
  const openTransaction = async (task: Task) => {
    const entered = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const ended = ground.database.entities().transactional(async (em) => {
      await em.insert(Task, task);
      entered.resolve();
      await end.promise;
    });
    ended.catch(() => {});
    await entered.promise;
    return { ended, commit: () => end.resolve(), abandon: () => end.reject(new Error('abandoned')) };
  };

  it('is not rolled back with it', async () => {
    const [inside, outside] = [pendingTask(), pendingTask()];
    const transaction = await openTransaction(inside);

    const inserted = rows.insert(outside);
    for (let turns = 0; turns < TURNS; turns++) await turn();
    transaction.abandon();
    await expect(transaction.ended).rejects.toThrow('abandoned');
    await inserted;

    await expect(exists(outside)).resolves.toBe(true);
    await expect(exists(inside)).resolves.toBe(false);
  });

  it('is kept when it is committed, as is what the transaction wrote', async () => {
    const [inside, outside] = [pendingTask(), pendingTask()];
    const transaction = await openTransaction(inside);

    const inserted = rows.insert(outside);
    transaction.commit();
    await Promise.all([transaction.ended, inserted]);

    await expect(exists(outside)).resolves.toBe(true);
    await expect(exists(inside)).resolves.toBe(true);
  });

  it('does not see what the transaction may take back', async () => {
    const inside = pendingTask();
    const transaction = await openTransaction(inside);

    const seen = exists(inside);
    for (let turns = 0; turns < TURNS; turns++) await turn();
    transaction.abandon();

    await expect(seen).resolves.toBe(false);
  });

  it('keeps apart from the inner transactions, too', async () => {
    const [outer, inner, outside] = [pendingTask(), pendingTask(), pendingTask()];
    let inserted: Promise<void> | undefined;

    await ground.database.entities().transactional(async (em) => {
      await em.insert(Task, outer);
      const failed = em.transactional(async (innerEm) => {
        await innerEm.insert(Task, inner);
        throw new Error('inner');
      });
      await expect(failed).rejects.toThrow('inner');
      inserted = rows.insert(outside);
      for (let turns = 0; turns < TURNS; turns++) await turn();
    });
    await inserted;

    expect(await Promise.all([outer, inner, outside].map(exists))).toEqual([true, false, true]);
  });

  it('is never lost among many transactions, half of which are given up', async () => {
    const owner = 'crowd';
    const transactions = Array.from({ length: 40 }, async (_, index) => {
      await ground.database
        .entities()
        .transactional(async (em) => {
          await em.insert(Task, pendingTask({ owner, tag: `transaction ${index}` }));
          for (let turns = 0; turns < index % 5; turns++) await turn();
          if (index % 2 === 1) throw new Error('given up');
        })
        .catch(() => {});
    });
    const statements = Array.from({ length: 200 }, async (_, index) => {
      for (let turns = 0; turns < index % 40; turns++) await turn();
      await rows.insert(pendingTask({ owner, tag: `statement ${index}` }));
    });

    await Promise.all([...transactions, ...statements]);

    const found = await ground.database.query(`select tag from task where owner = ?`, [owner]);
    expect(found.filter(({ tag }) => String(tag).startsWith('statement'))).toHaveLength(200);
    expect(found.filter(({ tag }) => String(tag).startsWith('transaction'))).toHaveLength(20);
  });

  it(`waits for its end only where there is one connection (${kind})`, async () => {
    const transaction = await openTransaction(pendingTask());
    let done = false;

    const counted = ground.database
      .query('select count(*) from task where owner = ?', [OWNER])
      .then(() => (done = true));
    if (kind === 'postgresql') await counted;
    else for (let turns = 0; turns < TURNS; turns++) await turn();
    const doneBefore = done;
    transaction.commit();
    await Promise.all([transaction.ended, counted]);

    expect(doneBefore).toBe(kind === 'postgresql');
  });
});
