import { Channel } from '../telemetry/channel.js';
import type { TaskStatus } from './task.status.js';

/** A task has reached its last status, for whoever counts. */
export interface TaskFinishedEvent {
  readonly tool: string;
  readonly status: TaskStatus;
  /** Seconds from the start of the last attempt; undefined when it never started. */
  readonly runSeconds: number | undefined;
}

/** A worker has taken a task. */
export interface TaskStartedEvent {
  readonly tool: string;
  /** Seconds from creation to the claim. */
  readonly waitSeconds: number;
}

export const taskFinished = new Channel<TaskFinishedEvent>('toolyard:task:finished');
export const taskStarted = new Channel<TaskStartedEvent>('toolyard:task:started');

/** Topic of the events between processes: a user has cancelled the task with this id, wherever it runs. */
export const TASK_CANCELLED = 'task-cancelled';
