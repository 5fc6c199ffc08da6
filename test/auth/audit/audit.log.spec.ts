import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { AuditLog } from '../../../src/auth/audit/audit.log.js';
import { AuditStore } from '../../../src/auth/audit/audit.store.js';
import { verifyChain } from '../../../src/auth/audit/audit.verification.js';
import { until } from '../../conditions.js';
import { DATABASES, type TestDatabase } from '../../database/databases.js';

Logger.overrideLogger(false);

describe.each(DATABASES)('the audit log on $name', ({ prepare }) => {
  let ground: TestDatabase;
  let store: AuditStore;
  let log: AuditLog;

  beforeEach(async () => {
    ground = await prepare();
    store = new AuditStore(ground.database);
    log = new AuditLog(store);
  });
  afterEach(async () => {
    await log.onApplicationShutdown();
    await ground[Symbol.asyncDispose]();
  });

  it('keeps what is told, in order', async () => {
    await log.record({
      action: 'login',
      outcome: 'denied',
      actorId: 'somebody',
      object: 'user:somebody',
      address: '192.0.2.1',
      requestId: 'r-1',
      details: { reason: 'password', tries: 3, known: true },
    });
    await log.record({ action: 'purge' });

    const [purge, login] = await store.list({}, 10);

    expect(login).toMatchObject({
      seq: 1,
      action: 'login',
      outcome: 'denied',
      actorId: 'somebody',
      object: 'user:somebody',
      address: '192.0.2.1',
      requestId: 'r-1',
      details: '{"known":true,"reason":"password","tries":3}',
    });
    expect(Math.abs((login?.at.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(purge).toMatchObject({ seq: 2, action: 'purge', outcome: 'ok', actorId: null, object: null, details: '{}' });
    await expect(verifyChain(store)).resolves.toEqual({ intact: true, head: { seq: 2, hash: purge?.hash } });
  });

  it('writes what waits at the same time together, however much it is', async () => {
    const append = store.append.bind(store);
    const sizes: number[] = [];
    store.append = (entries) => {
      sizes.push(entries.length);
      return append(entries);
    };

    for (let index = 0; index < 99; index++) log.note({ action: 'download', details: { index } });
    await log.record({ action: 'login' });

    expect(sizes).toEqual([64, 32, 4]);
    const rows = await store.after(0, 1_000);
    expect(rows.slice(0, 99).map(({ details }) => details)).toEqual(
      Array.from({ length: 99 }, (_, index) => JSON.stringify({ index })),
    );
    await expect(verifyChain(store)).resolves.toMatchObject({ intact: true, head: { seq: 100 } });
  });

  it('is one chain although several processes write', async () => {
    const others = [];
    for (let count = 0; count < 3; count++) others.push(new AuditLog(new AuditStore(await ground.open())));
    const logs = [log, ...others];

    const told = logs.flatMap((writer, process) =>
      Array.from({ length: 40 }, async (_, index) => {
        // Not all at once: each process writes several batches.
        for (let turn = 0; turn < index; turn++) await Promise.resolve();
        if (index % 4 === 0) await new Promise((resolve) => void setImmediate(resolve));
        await writer.record({ action: 'login', details: { process, index } });
      }),
    );
    await Promise.all(told);

    const rows = await store.after(0, 1_000);
    expect(new Set(rows.map(({ details }) => details)).size).toBe(160);
    await expect(verifyChain(store)).resolves.toMatchObject({ intact: true, head: { seq: 160 } });
    await Promise.all(others.map((other) => other.onApplicationShutdown()));
  });

  it('writes an event once, although its statement was given up and carried out after all', async () => {
    const change = ground.database.change.bind(ground.database);
    let lies = 1;
    ground.database.change = async (statement, values) => {
      const changed = await change(statement, values);
      if (lies-- > 0) throw new Error('Query read timeout');
      return changed;
    };

    await expect(log.record({ action: 'login' })).rejects.toThrow('Query read timeout');
    await log.record({ action: 'logout' });

    expect((await store.after(0, 10)).map(({ action }) => action)).toEqual(['login', 'logout']);
    await expect(verifyChain(store)).resolves.toMatchObject({ intact: true });
  });

  it('keeps events while the database is down and says so to whoever waits', async () => {
    const append = store.append.bind(store);
    let down = true;
    store.append = (entries) => (down ? Promise.reject(new Error('The database is down.')) : append(entries));

    log.note({ action: 'download' });
    await expect(log.record({ action: 'login' })).rejects.toThrow('The database is down.');
    down = false;

    await until(async () => (await store.after(0, 10)).length === 2, { describe: 'both are written' });
    expect((await store.after(0, 10)).map(({ action }) => action)).toEqual(['download', 'login']);
  });

  it('is bounded, and tells how many events it has lost', async () => {
    const append = store.append.bind(store);
    let down = true;
    store.append = (entries) => (down ? Promise.reject(new Error('The database is down.')) : append(entries));

    for (let index = 0; index < 10_003; index++) log.note({ action: 'download' });
    await expect(log.record({ action: 'login' })).rejects.toMatchObject({ code: 'unavailable' });
    down = false;
    await log.onApplicationShutdown();

    const [last] = await store.list({ action: 'audit_lost' }, 10);
    expect(last).toMatchObject({ outcome: 'failed', details: '{"events":4}' });
    await expect(verifyChain(store)).resolves.toMatchObject({ intact: true, head: { seq: 10_001 } });
  });

  it('writes what waits before the process ends', async () => {
    log.note({ action: 'download' });
    await log.onApplicationShutdown();

    expect(await store.after(0, 10)).toHaveLength(1);
  });

  it('takes any text, cut and made visible, and no secret', async () => {
    await log.record({
      action: 'download',
      actorId: 'x'.repeat(10_000),
      requestId: 'ab\u0000c\r\nd\u001B[2J\u202E',
      object: '\uD800',
      details: {
        password: 'hunter2hunter2',
        refreshToken: 'abc',
        note: `used ty_live_${'a'.repeat(36)} and eyJhbGciOi.eyJzdWIi.c2ln`,
        long: '🎉'.repeat(500),
      },
    });

    const [row] = await store.after(0, 1);
    expect(row?.actorId).toHaveLength(200);
    expect(row).toMatchObject({ requestId: 'ab\uFFFDc\uFFFD\uFFFDd\uFFFD[2J\uFFFD', object: '\uFFFD' });
    expect(JSON.parse(row?.details ?? '')).toEqual({
      password: '[removed]',
      refreshToken: '[removed]',
      note: 'used [removed] and [removed]',
      long: '🎉'.repeat(100),
    });
    await expect(verifyChain(store)).resolves.toMatchObject({ intact: true });
  });

  it('is narrowed to an action, an actor, an object and a time', async () => {
    await log.record({ action: 'login', actorId: 'one' });
    await log.record({ action: 'download', actorId: 'one', object: 'file:1' });
    await log.record({ action: 'download', actorId: 'two', object: 'file:1' });
    const seqs = async (...of: Parameters<AuditStore['list']>) => (await store.list(...of)).map(({ seq }) => seq);
    const [, second] = await store.after(0, 3);

    await expect(seqs({ action: 'download' }, 10)).resolves.toEqual([3, 2]);
    await expect(seqs({ actor: 'one' }, 10)).resolves.toEqual([2, 1]);
    await expect(seqs({ object: 'file:1', actor: 'two' }, 10)).resolves.toEqual([3]);
    await expect(seqs({ since: new Date(Date.now() + 60_000) }, 10)).resolves.toEqual([]);
    await expect(seqs({ until: new Date(Date.now() - 60_000) }, 10)).resolves.toEqual([]);
    await expect(seqs({ since: second?.at, until: second?.at }, 10)).resolves.toContain(2);
    await expect(seqs({}, 10, second?.id)).resolves.toEqual([1]);
    await expect(seqs({}, 2)).resolves.toEqual([3, 2]);
  });
});
