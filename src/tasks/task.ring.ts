import { randomUUID } from 'node:crypto';
import type { Task } from './task.entity.js';

const WAKE = 'wake:';

/**
 * What the queue carries for a task: one ring for each time that it begins to wait. The ring of the time before may
 * still be held by somebody who answers it, and a queue would take an equal one for the same.
 */
export function ringId({ id, availableAt }: Pick<Task, 'id' | 'availableAt'>): string {
  return `${id}:${availableAt.getTime()}`;
}

/** A ring for no task in particular, when rings seem to be lost. Whoever answers it goes on until nothing waits. */
export function wakeId(): string {
  return `${WAKE}${randomUUID()}`;
}

export function isWake(id: string): boolean {
  return id.startsWith(WAKE);
}
