import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { ErrorDocument } from '../errors/problem.document.js';
import { TASK_STATUSES } from './task.status.js';

/** A file of a task, as it was when the task got it: the row of the file may be gone by now. */
export interface TaskFile {
  readonly file_id: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly sha256: string;
}

/** Of all of them together, in bytes. */
export function sizeOf(files: readonly Pick<TaskFile, 'size'>[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

/** What a run cost: milliseconds of clock and processor, and the largest resident memory in bytes. */
export interface TaskUsage {
  readonly wall_ms: number;
  readonly cpu_ms: number;
  readonly max_rss_bytes: number;
}

/** What the run was allowed; milliseconds, MiB and bytes. */
export interface TaskLimits {
  readonly total_ms: number;
  readonly idle_ms: number;
  readonly cpu_ms: number;
  readonly memory_mb: number;
  readonly max_output_bytes: number;
}

/** One run of one tool. The row is the truth. */
export const Task = defineEntity({
  name: 'Task',
  tableName: 'task',
  properties: {
    id: p.uuid().primary(),
    owner: p.string(),
    tool: p.string(),
    toolVersion: p.string(),
    status: p.enum(TASK_STATUSES),
    /** Why it waits, in one word; empty while it does not. */
    statusReason: p.string().nullable(),
    /** The attempt that runs or ran last; 0 before the first. */
    attempt: p.integer(),
    maxAttempts: p.integer(),
    /** How many workers died while they ran it. */
    deaths: p.integer(),
    /** A higher one is claimed earlier. */
    priority: p.integer(),
    /** A pending task is not claimed before. */
    availableAt: p.datetime(),
    /** The worker that runs it, and until when it is believed to be alive. */
    leaseOwner: p.string().nullable(),
    leaseExpiresAt: p.datetime().nullable(),
    progressRatio: p.float(),
    progressMessage: p.string().nullable(),
    tag: p.string().nullable(),
    /** Where its end is told, besides the webhooks of its owner. */
    callbackUrl: p.text().nullable(),
    options: p.json<Record<string, unknown>>(),
    /** Options that nobody may read, sealed; empty text when the task has ended, null when there were none. See TaskSecrets. */
    secrets: p.text().nullable(),
    inputs: p.json<TaskFile[]>(),
    /** Where inputs are still to be fetched from; sealed, and gone as soon as they are there or the task has ended. */
    sources: p.text().nullable(),
    /** Of all inputs together; empty while some are still to be fetched, and when they never were. */
    inputBytes: p.bigint('number').nullable(),
    outputs: p.json<TaskFile[]>(),
    data: p.json<unknown>().nullable(),
    error: p.json<ErrorDocument>().nullable(),
    usage: p.json<TaskUsage>().nullable(),
    /** Equal for tasks that must have the same result; empty when nobody promises that. */
    cacheKey: p.string().nullable(),
    /** Whether the result is that of an earlier task. */
    cacheHit: p.boolean(),
    /** The task that this one repeats. */
    retryOf: p.uuid().nullable(),
    /** The content of the plugin that really ran, and what it was allowed; empty before. */
    toolHash: p.string().nullable(),
    limits: p.json<TaskLimits>().nullable(),
    createdAt: p.datetime(),
    startedAt: p.datetime().nullable(),
    finishedAt: p.datetime().nullable(),
    /** When the result is removed; unknown until the task is finished. */
    expiresAt: p.datetime().nullable(),
    purgedAt: p.datetime().nullable(),
  },
});

export type Task = InferEntity<typeof Task>;
