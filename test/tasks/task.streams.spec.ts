import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LocalEventLog } from '../../src/events/local.event.log.js';
import { FinishedTasks } from '../../src/tasks/finished.tasks.js';
import { entriesOf } from '../../src/tasks/task.event-document.js';
import type { TaskStore } from '../../src/tasks/task.store.js';
import { TaskStreams } from '../../src/tasks/task.streams.js';
import { until } from '../conditions.js';
import { pendingTask } from './task.rows.js';

/** The answer to a client that takes everything at once. */
class Answer extends EventEmitter {
  text = '';
  isEnded = false;

  writeHead(): void {}
  write(text: string): boolean {
    this.text += text;
    return true;
  }
  end(): void {
    this.isEnded = true;
  }
}

describe('the stream of a task', () => {
  it('tells what happens, also when the clock of the log is behind that of the rows', async () => {
    const task = pendingTask({ createdAt: new Date(Date.now() + 60_000) });
    const done = { ...task, status: 'completed' as const };
    const store = { find: async () => done } as unknown as TaskStore;
    const log = new LocalEventLog();
    const streams = new TaskStreams(log, store, new FinishedTasks(store));
    const raw = new Answer();
    const request = { headers: {}, server: { leaving: new Set() } } as unknown as FastifyRequest;
    const reply = { raw, hijack: () => {}, getHeaders: () => ({}) } as unknown as FastifyReply;

    await streams.followTask(task, true, request, reply);
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
