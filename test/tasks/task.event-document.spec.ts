import { describe, expect, it } from '@jest/globals';
import { LocalEventLog } from '../../src/events/local.event.log.js';
import type { Task } from '../../src/tasks/task.entity.js';
import { entriesOf } from '../../src/tasks/task.event-document.js';
import { pendingTask } from './task.rows.js';

describe('what the log keeps of the steps of a task', () => {
  const created = pendingTask();
  const claimed: Task = { ...created, status: 'processing', attempt: 1, startedAt: new Date() };
  const ended: Task = { ...claimed, status: 'failed', finishedAt: new Date() };
  const told = (...steps: Task[]) => {
    const log = new LocalEventLog();
    for (const task of steps) log.append(entriesOf({ type: 'status', task }));
    return log.past({ subject: created.id }).entries.map(({ text }) => JSON.parse(text).status);
  };

  it.each([
    ['in their order', [created, claimed, ended]],
    ['when the worker is faster than whoever has created it', [claimed, created, ended]],
    ['when the creation is not told at all', [claimed, ended]],
    ['when the end is told twice', [created, claimed, ended, ended]],
  ])('is each step once, %s', (_, steps) => {
    expect(told(...steps)).toEqual(['pending', 'processing', 'failed']);
  });

  it('is every attempt', () => {
    const again: Task = { ...claimed, status: 'pending', statusReason: 'retry_at' };

    expect(told(created, claimed, again, { ...claimed, attempt: 2 }, ended)).toEqual([
      'pending',
      'processing',
      'pending',
      'processing',
      'failed',
    ]);
  });

  it('is not told anew of a task that has waited for long', () => {
    const late: Task = { ...claimed, startedAt: new Date(created.createdAt.getTime() + 60_000) };

    expect(told(late)).toEqual(['processing']);
  });
});
