import { z } from 'zod';
import { MARK_SECONDS, type NewEntry } from '../events/event.log.js';
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

/** Half of the time for which the log remembers marks. */
const FRESH_MS = (MARK_SECONDS * 1_000) / 2;

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
export function entriesOf(event: TaskEvent): NewEntry[] {
  const { id: subject, owner } = event.task;
  switch (event.type) {
    case 'status':
      return stepEntries(event.task);
    case 'progress':
      return [{ subject, owner, type: PROGRESS, text: progressEvent(event) }];
    case 'log':
      return [{ subject, owner, type: 'log', text: logEvent(event) }];
    default:
      return event satisfies never;
  }
}

function stepEntries(task: Task): NewEntry[] {
  const { id: subject, owner, status } = task;
  const step = { subject, owner, type: 'status', text: statusEvent(task) };
  if (isTerminal(status)) return [{ ...step, type: FINISHED, mark: endMark(subject) }];
  const isNew = task.attempt === 0 && status === 'pending' && task.statusReason === null;
  if (isNew) return [beginning(task)];
  return isFirstRun(task) ? [beginning(task), step] : [step];
}

/**
 * That the task was created. Its worker can be faster than whoever created it, and says it, too: the first word counts, so
 * that nobody hears of a task that runs before it was there.
 */
function beginning(task: Task): NewEntry {
  const { id: subject, owner } = task;
  const created: Task = { ...task, status: 'pending', statusReason: null, attempt: 0 };
  return { subject, owner, type: 'status', text: statusEvent(created), mark: `begin:${subject}` };
}

/** As long as it is remembered whether the creation was told. */
function isFirstRun({ status, attempt, createdAt, startedAt }: Task): boolean {
  return status === 'processing' && attempt === 1 && Number(startedAt) - createdAt.getTime() < FRESH_MS;
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
