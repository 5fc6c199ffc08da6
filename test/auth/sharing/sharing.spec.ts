import { randomUUIDv7 } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../../../src/auth/actor.js';
import { AuditStore } from '../../../src/auth/audit/audit.store.js';
import { Access } from '../../../src/auth/sharing/access.js';
import { Grantees } from '../../../src/auth/sharing/grantees.js';
import { shareDocument } from '../../../src/auth/sharing/share.document.js';
import type { Shareable } from '../../../src/auth/sharing/share.store.js';
import { SharesService } from '../../../src/auth/sharing/shares.service.js';
import { TaskAccess } from '../../../src/tasks/task.access.js';
import { TaskStore } from '../../../src/tasks/task.store.js';
import { DATABASES, type TestDatabase } from '../../database/databases.js';
import { pendingTask } from '../../tasks/task.rows.js';
import { filesOf, type TestFiles } from '../../worker/files.js';
import type { ToolRegistry } from '../../../src/tools/tool.registry.js';
import { actor, OWNING } from '../actors.js';

const FRIEND = randomUUIDv7();
const allTools = { has: () => true } as unknown as ToolRegistry;
const REQUEST = { ip: '192.0.2.1', id: 'r-1' } as FastifyRequest;

class OnlyFriend extends Grantees {
  override async userExists(id: string): Promise<boolean> {
    return id === FRIEND;
  }
}

describe.each(DATABASES)('sharing on $name', ({ prepare }) => {
  let ground: TestDatabase;
  let files: TestFiles;
  let shares: SharesService;
  let tasks: TaskAccess;
  let taskStore: TaskStore;
  let events: AuditStore;
  const [friend, analyst, admin] = [actor(FRIEND), actor('an analyst', 'analyst'), actor('an admin', 'admin')];
  const stranger = actor('a stranger');

  beforeAll(async () => {
    ground = await prepare();
    files = await filesOf(ground);
    shares = new SharesService(files.shares, new OnlyFriend(), files.audit);
    taskStore = new TaskStore(ground.database);
    events = new AuditStore(ground.database);
  });
  beforeEach(async () => {
    await ground.database.change('delete from share', []);
    // Anew each time: an admin's second look at the same is not told again.
    const access = new Access(files.shares, files.audit);
    tasks = new TaskAccess(taskStore, allTools, access, files.shares, files.audit);
  });
  afterAll(async () => {
    await files.audit.onApplicationShutdown();
    await ground[Symbol.asyncDispose]();
  });

  const stored = async (): Promise<Shareable> => ({ type: 'file', id: (await files.stored('text')).file_id });
  const readers = async (read: (who: Actor) => Promise<unknown>): Promise<string[]> => {
    const found = await Promise.all(
      [OWNING, friend, analyst, stranger].map(async (who) => {
        try {
          await read(who);
          return [who.id];
        } catch (error) {
          expect(error).toMatchObject({ status: 404 });
          return [];
        }
      }),
    );
    return found.flat();
  };
  const list = async (who: Actor, limit = 10, after?: string) =>
    (await files.access.list(who, { shared: true }, limit, after)).map(({ id }) => id);
  const lastEvents = async (count: number) => {
    await files.audit.record({ action: 'login' });
    return (await events.list({}, count + 1)).slice(1).map(({ action, actorId, object, details }) => {
      return { action, actorId, object, details: JSON.parse(details) as unknown };
    });
  };

  it('lets nobody else read what is not shared', async () => {
    const file = await stored();

    await expect(readers((who) => files.access.read(who, file.id))).resolves.toEqual([OWNING.id]);
    await expect(files.access.list(friend, { shared: true }, 10)).resolves.toEqual([]);
  });

  it('lets one user read a file, and nobody change it', async () => {
    const file = await stored();
    await shares.add(OWNING, file, { user_id: FRIEND }, REQUEST);

    await expect(readers((who) => files.access.usable(who, file.id))).resolves.toEqual([OWNING.id, FRIEND]);
    await expect(files.access.own(friend, file.id)).rejects.toMatchObject({ code: 'not_allowed', status: 403 });
    await expect(files.access.own(stranger, file.id)).rejects.toMatchObject({ code: 'file_not_found' });
    await expect(files.access.remove(friend, file.id, REQUEST)).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(files.access.read(OWNING, file.id)).resolves.toMatchObject({ id: file.id });
  });

  it('lets everybody of a role read a file, as long as the role is theirs', async () => {
    const file = await stored();
    await shares.add(OWNING, file, { role: 'analyst' }, REQUEST);

    await expect(readers((who) => files.access.read(who, file.id))).resolves.toEqual([OWNING.id, analyst.id]);
    await expect(files.access.read(actor(analyst.id, 'viewer'), file.id)).rejects.toMatchObject({ status: 404 });
  });

  it('does not take the id of a user for the name of a role', async () => {
    const file = await stored();
    await shares.add(OWNING, file, { role: 'analyst' }, REQUEST);

    await expect(files.access.read(actor('analyst', 'user'), file.id)).rejects.toMatchObject({ status: 404 });
  });

  it('ends when it is taken back', async () => {
    const file = await stored();
    const share = await shares.add(OWNING, file, { user_id: FRIEND }, REQUEST);

    await shares.remove(file, share.id, REQUEST);

    await expect(readers((who) => files.access.read(who, file.id))).resolves.toEqual([OWNING.id]);
    await expect(shares.remove(file, share.id, REQUEST)).rejects.toMatchObject({ code: 'share_not_found' });
  });

  it('is taken back only under the object that it belongs to', async () => {
    const [file, other] = [await stored(), await stored()];
    const share = await shares.add(OWNING, file, { user_id: FRIEND }, REQUEST);

    await expect(shares.remove(other, share.id, REQUEST)).rejects.toMatchObject({ code: 'share_not_found' });
    await expect(shares.remove({ ...file, type: 'task' }, share.id, REQUEST)).rejects.toMatchObject({ status: 404 });
    await expect(shares.list(file)).resolves.toHaveLength(1);
  });

  it('happens once for each grantee, and only with users that exist', async () => {
    const file = await stored();

    const first = await shares.add(OWNING, file, { user_id: FRIEND }, REQUEST);
    const again = await shares.add(OWNING, file, { user_id: FRIEND }, REQUEST);
    const role = await shares.add(OWNING, file, { role: 'viewer' }, REQUEST);

    expect(again).toEqual(first);
    await expect(shares.add(OWNING, file, { user_id: randomUUIDv7() }, REQUEST)).rejects.toMatchObject({
      code: 'user_not_found',
    });
    const documents = (await shares.list(file)).map(shareDocument);
    expect(documents).toHaveLength(2);
    expect(documents).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ share_id: first.id, user_id: FRIEND, role: null }),
        expect.objectContaining({ share_id: role.id, user_id: null, role: 'viewer' }),
      ]),
    );
  });

  it('is remembered', async () => {
    const file = await stored();
    const share = await shares.add(OWNING, file, { user_id: FRIEND }, REQUEST);
    await shares.remove(file, share.id, REQUEST);

    await expect(lastEvents(2)).resolves.toMatchObject([
      { action: 'unshare', object: `file:${file.id}`, details: { user: FRIEND } },
      { action: 'share', object: `file:${file.id}`, details: { user: FRIEND } },
    ]);
  });

  it('shows lists of what is shared, newest first, page by page', async () => {
    const all = [await stored(), await stored(), await stored(), await stored()];
    const [one, two, three] = all.map(({ id }) => id);
    await shares.add(OWNING, { type: 'file', id: one ?? '' }, { user_id: FRIEND }, REQUEST);
    await shares.add(OWNING, { type: 'file', id: two ?? '' }, { role: 'user' }, REQUEST);
    await shares.add(OWNING, { type: 'file', id: two ?? '' }, { user_id: FRIEND }, REQUEST);
    await shares.add(OWNING, { type: 'file', id: three ?? '' }, { role: 'analyst' }, REQUEST);

    await expect(list(friend)).resolves.toEqual([two, one]);
    await expect(list(friend, 1)).resolves.toEqual([two]);
    await expect(list(friend, 1, two)).resolves.toEqual([one]);
    await expect(list(analyst)).resolves.toEqual([three]);
    await expect(list(OWNING)).resolves.toEqual([]);
  });

  it('lets a grantee read a task, and do nothing to it', async () => {
    const [one, two] = [pendingTask({ tag: 'one' }), pendingTask({ tag: 'two' })];
    for (const task of [one, two]) await taskStore.insert(task);
    await shares.add(OWNING, { type: 'task', id: one.id }, { user_id: FRIEND }, REQUEST);

    await expect(readers((who) => tasks.read(who, one.id))).resolves.toEqual([OWNING.id, FRIEND]);
    await expect(readers((who) => tasks.read(who, two.id))).resolves.toEqual([OWNING.id]);
    await expect(tasks.own(friend, one.id)).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(tasks.own(stranger, one.id)).rejects.toMatchObject({ code: 'task_not_found' });
    await expect(tasks.read(OWNING, one.id)).resolves.toMatchObject({ status: 'pending' });
    await expect(tasks.list(friend, { shared: true }, 10)).resolves.toEqual([one]);
    await expect(tasks.list(friend, { shared: true, tag: 'two' }, 10)).resolves.toEqual([]);
    await expect(tasks.list(friend, { shared: true, tag: 'one', statuses: ['pending'] }, 10)).resolves.toEqual([one]);
    await expect(tasks.list(friend, { shared: true }, 10, one.id)).resolves.toEqual([]);
  });

  it('goes with the object', async () => {
    const file = await stored();
    await shares.add(OWNING, file, { user_id: FRIEND }, REQUEST);

    await files.access.remove(OWNING, file.id, REQUEST);

    await expect(shares.list(file)).resolves.toEqual([]);
    await expect(lastEvents(1)).resolves.toMatchObject([
      { action: 'remove', object: `file:${file.id}`, details: { name: 'a.txt' } },
    ]);
  });

  it('is not needed by admins, whose looks at what is not theirs are remembered, and who change nothing', async () => {
    const task = pendingTask();
    await taskStore.insert(task);

    for (let poll = 0; poll < 5; poll++) await tasks.read(admin, task.id);
    await tasks.list(admin, { owner: OWNING.id }, 10);
    await tasks.read(OWNING, task.id);

    await expect(lastEvents(3)).resolves.toMatchObject([
      { action: 'admin_read', actorId: admin.id, object: 'task:*', details: { owner: OWNING.id } },
      { action: 'admin_read', actorId: admin.id, object: `task:${task.id}`, details: { owner: OWNING.id } },
      expect.not.objectContaining({ action: 'admin_read' }),
    ]);
    await expect(tasks.own(admin, task.id)).rejects.toMatchObject({ code: 'not_allowed' });
  });

  it('does not show lists of others to whoever is no admin', async () => {
    await expect(tasks.list(friend, { owner: OWNING.id }, 10)).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(files.access.list(analyst, { owner: OWNING.id }, 10)).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(tasks.list(friend, { owner: FRIEND }, 10)).resolves.toEqual([]);
  });
});
