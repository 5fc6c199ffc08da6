import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../../src/auth/actor.js';
import { LocalEventLog } from '../../src/events/local.event.log.js';
import { FinishedTasks } from '../../src/tasks/finished.tasks.js';
import type { TaskAccess } from '../../src/tasks/task.access.js';
import type { Task } from '../../src/tasks/task.entity.js';
import { entriesOf } from '../../src/tasks/task.event-document.js';
import type { TaskStore } from '../../src/tasks/task.store.js';
import { TaskWaits } from '../../src/tasks/task.waits.js';
import { pendingTask } from './task.rows.js';

/** Rows that are read as slowly as the test likes: each reading knows what stood there when it began. */
class SlowRows {
  readonly readings: (() => void)[] = [];

  constructor(public row: Task) {}

  find(): Promise<Task> {
    const { promise, resolve } = Promise.withResolvers<Task>();
    const { row } = this;
    this.readings.push(() => resolve(row));
    return promise;
  }
}

describe('waiting for a task', () => {
  it('never shares a reading of the row that began before the end with who was told of it', async () => {
    const task = pendingTask();
    const rows = new SlowRows(task);
    const log = new LocalEventLog();
    const finished = new FinishedTasks(rows as unknown as TaskStore);
    const access = { read: () => rows.find() } as unknown as TaskAccess;
    const waits = new TaskWaits(log, access, finished);
    const request = { server: { leaving: new Set() } } as unknown as FastifyRequest;
    const reply = { raw: new EventEmitter() } as unknown as FastifyReply;

    const waited = waits.wait({ id: task.owner } as Actor, task.id, 0, request, reply);
    rows.readings.shift()?.();
    while (rows.readings.length === 0) await new Promise(setImmediate);
    rows.row = { ...task, status: 'completed' };
    log.append(entriesOf({ type: 'status', task: rows.row }));
    const told = finished.find(task.id);
    for (const answer of rows.readings) answer();

    expect((await told)?.status).toBe('completed');
    expect((await waited).status).toBe('pending');
  });
});
