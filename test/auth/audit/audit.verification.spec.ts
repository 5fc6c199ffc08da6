import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AuditLog } from '../../../src/auth/audit/audit.log.js';
import { AuditStore } from '../../../src/auth/audit/audit.store.js';
import { verifyChain } from '../../../src/auth/audit/audit.verification.js';
import { DATABASES, type TestDatabase } from '../../database/databases.js';

const EVENTS = 2_500;

describe.each(DATABASES)('the chain of the audit log on $name', ({ kind, prepare }) => {
  let ground: TestDatabase;
  let store: AuditStore;

  beforeAll(async () => {
    ground = await prepare();
    store = new AuditStore(ground.database);
    const log = new AuditLog(store);
    for (let index = 1; index < EVENTS; index++) log.note({ action: 'download', object: `file:${index}` });
    await log.record({ action: 'login' });
  });
  afterAll(() => ground[Symbol.asyncDispose]());

  /** What an owner of the database can do, who takes the triggers away first; then everything is as before. */
  const tampered = async (statement: string, examine: () => Promise<void>): Promise<void> => {
    await ground.database.change('create table kept as select * from audit_event', []);
    await disarm();
    await ground.database.change(statement, []);
    try {
      await examine();
    } finally {
      await ground.database.change('delete from audit_event', []);
      await ground.database.change('insert into audit_event select * from kept', []);
      await ground.database.change('drop table kept', []);
    }
  };
  const disarm = async (): Promise<void> => {
    const names =
      kind === 'sqlite'
        ? ['audit_event_no_update', 'audit_event_no_delete']
        : ['audit_event_append_only on audit_event'];
    for (const name of names) await ground.database.change(`drop trigger if exists ${name}`, []);
  };

  it.each([
    `update audit_event set action = 'logout' where seq = 3`,
    'update audit_event set seq = seq + 100000',
    'delete from audit_event where seq = 2500',
    'delete from audit_event',
    ...(kind === 'postgresql' ? ['truncate audit_event'] : []),
  ])('is guarded against: %s', async (statement) => {
    await expect(ground.database.change(statement, [])).rejects.toThrow('audit_event is append-only');

    await expect(verifyChain(store)).resolves.toMatchObject({ intact: true, head: { seq: EVENTS } });
  });

  it.each<[string, string, number, string]>([
    ['a changed word', `update audit_event set action = 'logout' where seq = 7`, 6, 'row 7 does not fit'],
    [
      'a changed time',
      `update audit_event set at = (select at from kept where seq = 1) where seq = 2500`,
      2_499,
      'row 2500',
    ],
    ['a removed row', 'delete from audit_event where seq = 1001', 1_000, 'row 1001 is missing'],
    ['a removed beginning', 'delete from audit_event where seq < 50', 0, 'row 1 is missing'],
    [
      "two rows in each other's place",
      `update audit_event set object = (select object from kept where kept.seq = 2001 - audit_event.seq)
        where seq in (1000, 1001)`,
      999,
      'row 1000 does not fit',
    ],
    [
      'a row with its hash made to fit',
      `update audit_event set hash = (select hash from kept where seq = 12) where seq = 11`,
      10,
      'row 11 does not fit',
    ],
  ])('shows %s', async (_, statement, upTo, reason) => {
    await tampered(statement, async () => {
      const found = await verifyChain(store);

      expect(found).toMatchObject({ intact: false, head: { seq: upTo }, reason: expect.stringContaining(reason) });
    });
  });

  it('shows a cut-off end only to whoever remembers a head', async () => {
    const head = await store.head();

    await tampered('delete from audit_event where seq > 2000', async () => {
      await expect(verifyChain(store)).resolves.toMatchObject({ intact: true, head: { seq: 2_000 } });
      await expect(verifyChain(store, head)).resolves.toMatchObject({
        intact: false,
        reason: `the log ends before row ${EVENTS}, which was remembered`,
      });
    });
    await expect(verifyChain(store, head)).resolves.toEqual({ intact: true, head });
  });

  it('shows a log that was written anew to whoever remembers a head', async () => {
    const [fifth] = await store.after(4, 1);

    await expect(verifyChain(store, { seq: 5, hash: fifth?.hash ?? '' })).resolves.toMatchObject({ intact: true });
    await expect(verifyChain(store, { seq: 5, hash: 'f'.repeat(64) })).resolves.toMatchObject({
      intact: false,
      reason: 'row 5 is not the one that was remembered',
    });
  });
});
