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

/** A user has cancelled a task that runs in some worker. */
export interface TaskCancelledEvent {
  readonly id: string;
}

export const taskFinished = new Channel<TaskFinishedEvent>('toolyard:task:finished');
export const taskStarted = new Channel<TaskStartedEvent>('toolyard:task:started');
export const taskCancelled = new Channel<TaskCancelledEvent>('toolyard:task:cancelled');
