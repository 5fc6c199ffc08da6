import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../../src/auth/actor.js';
import { LocalEventLog } from '../../src/events/local.event.log.js';
import { FinishedTasks } from '../../src/tasks/finished.tasks.js';
import { entriesOf } from '../../src/tasks/task.event-document.js';
import type { TaskStore } from '../../src/tasks/task.store.js';
import { TaskStreams } from '../../src/tasks/task.streams.js';
import { until } from '../conditions.js';
import { pendingTask } from './task.rows.js';

/** The answer to a client that takes everything at once, or nothing before it is drained. */
class Answer extends EventEmitter {
  text = '';
  isEnded = false;
  writableNeedDrain = false;

  writeHead(): void {}
  write(text: string): boolean {
    this.text += text;
    return !this.writableNeedDrain;
  }
  destroy(): void {
    this.isEnded = true;
  }
  end(): void {
    this.isEnded = true;
  }
}

const replyOf = (raw: Answer) => ({ raw, hijack: () => {}, getHeaders: () => ({}) }) as unknown as FastifyReply;

describe('the stream of a task', () => {
  it('tells what happens, also when the clock of the log is behind that of the rows', async () => {
    const task = pendingTask({ createdAt: new Date(Date.now() + 60_000) });
    const done = { ...task, status: 'completed' as const };
    const store = { find: async () => done } as unknown as TaskStore;
    const log = new LocalEventLog();
    const streams = new TaskStreams(log, store, new FinishedTasks(store));
    const raw = new Answer();
    const request = { headers: {}, server: { leaving: new Set() } } as unknown as FastifyRequest;

    await streams.followTask(task, true, request, replyOf(raw));
    log.append(entriesOf({ type: 'status', task: { ...task, status: 'processing', attempt: 1 } }));
    log.append(entriesOf({ type: 'status', task: done }));
    await until(() => raw.isEnded, { describe: 'the stream ends' });

    expect([...raw.text.matchAll(/^event: (.*)$/gm)].map(([, type]) => type)).toEqual([
      'status',
      'status',
      'status',
      'result',
    ]);
  });
});

describe('the stream of all tasks', () => {
  it('tells where they stand no faster than the client takes it', async () => {
    const tasks = Array.from({ length: 3 }, () => pendingTask({ status: 'completed' }));
    const newestFirst = tasks.map(({ id }) => id).toReversed();
    const store = {
      recent: async () => newestFirst,
      find: async (id: string) => tasks.find((task) => task.id === id),
    } as unknown as TaskStore;
    const streams = new TaskStreams(new LocalEventLog(), store, new FinishedTasks(store));
    const raw = new Answer();
    raw.writableNeedDrain = true;
    const server = { leaving: new Set<() => void>() };
    const request = { headers: { 'last-event-id': '1-1' }, server } as unknown as FastifyRequest;
    const told = () => [...raw.text.matchAll(/^event: result\ndata: .*"task_id":"([^"]+)/gm)].map(([, id]) => id);

    const following = streams.followAll({ id: tasks[0]?.owner } as Actor, request, replyOf(raw));
    for (const [index] of tasks.entries()) {
      await until(() => told().length > index && raw.listenerCount('drain') > 0, {
        describe: 'it waits to be drained',
      });
      expect(told()).toEqual(tasks.slice(0, index + 1).map(({ id }) => id));
      raw.emit('drain');
    }
    raw.writableNeedDrain = false;
    await following;

    expect(raw.text).toMatch(/\nid: \d+-\d+\n\n$/);
    for (const leave of server.leaving) leave();
    expect(raw.isEnded).toBe(true);
  });
});
