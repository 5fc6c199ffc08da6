import { z } from 'zod';
import type { NewEntry } from '../events/event.log.js';
import {
  LOG_LEVELS,
  TASK_STAGES,
  type TaskEvent,
  type TaskLine,
  type TaskLogged,
  type TaskProgressed,
} from './task.channels.js';
import type { Task } from './task.entity.js';
import { isTerminal, TASK_STATUSES } from './task.status.js';

/** The type of the entry by which a task ends. Its document is read from the row when somebody is there to be told. */
export const FINISHED = 'finished';

/** The type of the entries by which a run tells how far it is. */
export const PROGRESS = 'progress';

/** Data of the event `status`. */
export const statusEventSchema = z
  .object({
    task_id: z.uuid(),
    tool: z.string(),
    tag: z.string().nullable(),
    status: z.enum(TASK_STATUSES),
    status_reason: z.string().nullable(),
    attempt: z.int(),
  })
  .meta({ id: 'TaskStatusEvent' });

/** Data of the event `progress`. */
export const progressEventSchema = z
  .object({
    task_id: z.uuid(),
    attempt: z.int(),
    stage: z.enum(TASK_STAGES).describe('Inputs are laid out, the tool works, outputs become files.'),
    ratio: z.number().min(0).max(1).describe('Within an attempt it never becomes less.'),
    message: z.string().nullable(),
  })
  .meta({ id: 'TaskProgressEvent' });

/** A line that a tool wrote, in the list of them. */
export const logLineSchema = z
  .object({
    attempt: z.int(),
    at: z.iso.datetime().describe('RFC 3339, UTC.'),
    level: z.enum(LOG_LEVELS),
    message: z.string(),
  })
  .meta({ id: 'TaskLogLine' });

/** Data of the event `log`. */
export const logEventSchema = logLineSchema.extend({ task_id: z.uuid() }).meta({ id: 'TaskLogEvent' });

/** The mark of the one entry by which a task ends. */
export function endMark(taskId: string): string {
  return `end:${taskId}`;
}

/** What the log of events keeps of it. */
export function entryOf(event: TaskEvent): NewEntry {
  const { id: subject, owner } = event.task;
  switch (event.type) {
    case 'status':
      return isTerminal(event.task.status)
        ? { subject, owner, type: FINISHED, text: statusEvent(event.task), mark: endMark(subject) }
        : { subject, owner, type: 'status', text: statusEvent(event.task) };
    case 'progress':
      return { subject, owner, type: PROGRESS, text: progressEvent(event) };
    case 'log':
      return { subject, owner, type: 'log', text: logEvent(event) };
    default:
      return event satisfies never;
  }
}

export function statusEvent({ id, tool, tag, status, statusReason, attempt }: Task): string {
  const data: z.output<typeof statusEventSchema> = {
    task_id: id,
    tool,
    tag: tag ?? null,
    status,
    status_reason: statusReason ?? null,
    attempt,
  };
  return JSON.stringify(data);
}

export function logLine({ attempt, at, level, message }: TaskLine): z.output<typeof logLineSchema> {
  return { attempt, at: at.toISOString(), level, message };
}

function progressEvent({ task, stage, ratio, message }: TaskProgressed): string {
  const data: z.output<typeof progressEventSchema> = {
    task_id: task.id,
    attempt: task.attempt,
    stage,
    ratio,
    message,
  };
  return JSON.stringify(data);
}

function logEvent({ task, line }: TaskLogged): string {
  const data: z.output<typeof logEventSchema> = { ...logLine(line), task_id: task.id };
  return JSON.stringify(data);
}
