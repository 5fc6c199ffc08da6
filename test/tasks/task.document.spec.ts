import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Problem } from '../../src/errors/problem.js';
import { errorDocument } from '../../src/errors/problem.document.js';
import { taskDocument, taskSchema } from '../../src/tasks/task.document.js';
import type { Task } from '../../src/tasks/task.entity.js';
import { TASK_STATUSES } from '../../src/tasks/task.status.js';
import { TaskStore } from '../../src/tasks/task.store.js';
import { DATABASES, type TestDatabase } from '../database/databases.js';
import { OWNER, pendingTask } from './task.rows.js';

const file = { file_id: crypto.randomUUID(), name: 'a.txt', type: 'text/plain', size: 2 ** 40, sha256: 'a'.repeat(64) };
const moment = new Date('2026-11-20T12:00:00.123Z');
const later = new Date('2026-11-21T12:00:00.123Z');

const BY_STATUS: Readonly<Record<Task['status'], Partial<Task>>> = {
  pending: { statusReason: 'retry_at', inputs: [file], tag: 'mine' },
  processing: {
    attempt: 1,
    startedAt: moment,
    leaseOwner: 'worker:secret',
    progressRatio: 0.5,
    progressMessage: 'Half',
  },
  completed: {
    attempt: 3,
    startedAt: moment,
    finishedAt: moment,
    expiresAt: later,
    progressRatio: 1,
    outputs: [file, file],
    data: { answer: [42, null] },
    usage: { wall_ms: 12, cpu_ms: 34, max_rss_bytes: 2 ** 40 },
  },
  failed: {
    attempt: 1,
    startedAt: moment,
    finishedAt: moment,
    expiresAt: later,
    error: errorDocument(
      new Problem('tool_crashed', 'It crashed.', { details: [{ path: '/a', code: 'b', message: 'c' }] }),
      null,
    ),
  },
  cancelled: { finishedAt: moment, expiresAt: later },
};

describe.each(DATABASES)('the document of a task on $name', ({ prepare }) => {
  let ground: TestDatabase;
  let store: TaskStore;
  beforeAll(async () => {
    ground = await prepare();
    store = new TaskStore(ground.database);
  });
  afterAll(() => ground[Symbol.asyncDispose]());

  const stored = async (members: Partial<Task>): Promise<Task> => {
    const task = pendingTask(members);
    await store.insert(task);
    const found = await store.find(task.id);
    if (!found) throw new Error('The task is not there.');
    return found;
  };

  it.each(TASK_STATUSES)('is as its schema says, no more and no less, when the task is %s', async (status) => {
    const task = await stored({ status, createdAt: moment, ...BY_STATUS[status] });

    const document = taskDocument(task);

    expect(taskSchema.parse(document)).toEqual(document);
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });

  it.each(TASK_STATUSES)('is the same for a row that has just been made and one that was read: %s', async (status) => {
    const task = pendingTask({ status, createdAt: moment, ...BY_STATUS[status] });
    await store.insert(task);
    const found = await store.find(task.id);
    const [listed] = await store.list(OWNER, {}, 1);

    expect(found && taskDocument(found)).toEqual(taskDocument(task));
    expect(listed && taskDocument(listed)).toEqual(taskDocument(task));
  });

  it.each(TASK_STATUSES)('tells nothing of owners and workers: %s', async (status) => {
    const task = await stored({ status, ...BY_STATUS[status], leaseOwner: 'worker:secret' });

    const text = JSON.stringify(taskDocument(task));

    expect(text).not.toContain('secret');
    expect(text).not.toContain(OWNER);
  });

  it.each([
    ['pending', { cancel: true, result: false }],
    ['processing', { cancel: true, result: false }],
    ['completed', { cancel: false, result: true }],
    ['failed', { cancel: false, result: false }],
    ['cancelled', { cancel: false, result: false }],
  ] as const)('says of a %s task what can be done with it: %j', (status, can) => {
    const task = pendingTask({ status });

    const { links, result_url } = taskDocument(task);

    const self = `/api/v1/tasks/${task.id}`;
    expect(links).toEqual({
      self,
      cancel: can.cancel ? `${self}/cancel` : null,
      retry: can.cancel ? null : `${self}/retry`,
      receipt: can.cancel ? null : `${self}/receipt`,
      tool: '/api/v1/tools/echo',
    });
    expect(result_url).toBe(can.result ? `${self}/result` : null);
  });

  it('has times in UTC to the millisecond', async () => {
    const document = taskDocument(await stored({ createdAt: moment, startedAt: later }));

    expect(document).toMatchObject({
      created_at: '2026-11-20T12:00:00.123Z',
      started_at: '2026-11-21T12:00:00.123Z',
      finished_at: null,
    });
  });

  it('says how many tasks come before it, when that is known', () => {
    const task = pendingTask();

    const [first, later] = [
      { position: 0, eta_seconds: null },
      { position: 3, eta_seconds: { p50: 1, p90: 2.5 } },
    ];

    expect(taskDocument(task, first).queue).toEqual(first);
    expect(taskDocument(task).queue).toBeNull();
    expect(taskSchema.parse(taskDocument(task, later)).queue).toEqual(later);
  });

  it.each([0, '', false, [], {}, 'text', { a: { b: null } }])('has the data %j as the tool gave it', async (data) => {
    const document = taskDocument(await stored({ status: 'completed', data }));

    expect(document.data).toEqual(data);
  });
});
