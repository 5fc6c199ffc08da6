import { Injectable } from '@nestjs/common';
import type { Task } from './task.entity.js';
import { TaskStore } from './task.store.js';

/** Rows of tasks for those who were just told that they have finished: many who ask at once cost one question. */
@Injectable()
export class FinishedTasks {
  private readonly reading = new Map<string, Promise<Task | undefined>>();

  constructor(private readonly store: TaskStore) {}

  find(id: string): Promise<Task | undefined> {
    const known = this.reading.get(id);
    if (known) return known;
    const task = this.store.find(id).finally(() => this.reading.delete(id));
    this.reading.set(id, task);
    return task;
  }
}
