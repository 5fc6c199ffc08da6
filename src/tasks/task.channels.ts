import { Channel } from '../telemetry/channel.js';
import type { Task } from './task.entity.js';

/** The task has gone to another status, or has been created. Told once for each step, right after the row says so. */
export interface TaskMoved {
  readonly type: 'status';
  /** As the row is now. The status is the last one when `isTerminal` says so. */
  readonly task: Task;
}

/** Parts of a run: inputs are laid out, the tool works, outputs become files. */
export const TASK_STAGES = ['staging', 'running', 'collecting'] as const;

export type TaskStage = (typeof TASK_STAGES)[number];

/** How far the task is: at most four times a second, and within an attempt never less than before. */
export interface TaskProgressed {
  readonly type: 'progress';
  readonly task: Task;
  readonly stage: TaskStage;
  /** 0 to 1. */
  readonly ratio: number;
  readonly message: string | null;
}

export const LOG_LEVELS = ['info', 'warn', 'error'] as const;

/** A line that the tool wrote for whoever has asked for the task. */
export interface TaskLine {
  /** Counts the lines of a task, over all attempts; it grows, and may skip numbers. */
  readonly number: number;
  readonly attempt: number;
  readonly at: Date;
  readonly level: (typeof LOG_LEVELS)[number];
  readonly message: string;
}

export interface TaskLogged {
  readonly type: 'log';
  readonly task: Task;
  readonly line: TaskLine;
}

export type TaskEvent = TaskMoved | TaskProgressed | TaskLogged;

/**
 * What happens to tasks, for whoever counts, keeps or sends it, in the process in which it happens. A process can die
 * between the row and the word; whoever must not miss a step looks at the rows, too.
 */
export const taskEvents = new Channel<TaskEvent>('toolyard:task:event');

/** Topic of the events between processes: a user has cancelled the task with this id, wherever it runs. */
export const TASK_CANCELLED = 'task-cancelled';
