import type { Task } from './task.entity.js';

/** What the queue carries: one ring for each attempt. */
export function ringId({ id, attempt }: Pick<Task, 'id' | 'attempt'>): string {
  return `${id}:${attempt}`;
}

/** For a ring that may be lost: the first one may still be held by somebody who answers it with another task. */
export function secondRingId(task: Pick<Task, 'id' | 'attempt'>): string {
  return `${ringId(task)}:again`;
}
