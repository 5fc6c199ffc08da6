import type { Task } from './task.entity.js';

/** What the queue carries: one ring for each attempt. */
export function ringId({ id, attempt }: Pick<Task, 'id' | 'attempt'>): string {
  return `${id}:${attempt}`;
}
