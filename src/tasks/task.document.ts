import { z } from 'zod';
import { errorSchema } from '../errors/problem.document.js';
import { isBuiltIn, isRepeatable } from './sources/built-in.js';
import type { Task } from './task.entity.js';
import { isTerminal, TASK_STATUSES } from './task.status.js';

const API = '/api/v1';

const time = z.iso.datetime().describe('RFC 3339, UTC.');

const fileSchema = z
  .object({
    file_id: z.uuid(),
    name: z.string(),
    type: z.string().describe('MIME type, detected from the bytes.'),
    size: z.int().describe('Bytes.'),
    sha256: z.string(),
  })
  .meta({ id: 'TaskFile' });

/** The one task document, for creation, status and list. */
export const taskSchema = z
  .object({
    task_id: z.uuid(),
    tool: z.object({ name: z.string(), version: z.string() }),
    status: z.enum(TASK_STATUSES),
    status_reason: z
      .string()
      .nullable()
      .describe(
        'Why the task waits, in one word, where it is more than its turn: `retry_at` for another attempt, `no_worker` for ' +
          'a worker that has the tool, `tool_limit` and `user_limit` for a run of the tool, or of yours, to end.',
      ),
    priority: z.int().describe('0 to 9; a higher one runs first.'),
    attempt: z.int().describe('The attempt that runs or ran last; 0 before the first.'),
    max_attempts: z.int(),
    progress: z.object({ ratio: z.number().min(0).max(1), message: z.string().nullable() }),
    queue: z
      .object({
        position: z.int().describe('Tasks that come before this one; 1000 stands for 1000 or more.'),
        eta_seconds: z
          .object({ p50: z.number(), p90: z.number() })
          .nullable()
          .describe(
            'Seconds until it has finished that half of such tasks, and nine of ten, do not exceed: from earlier runs ' +
              'with inputs of similar size and from what comes before. Null while nothing is known.',
          ),
      })
      .nullable()
      .describe('Only while the task is pending, and only where one task is asked for.'),
    created_at: time,
    started_at: time.nullable(),
    finished_at: time.nullable(),
    expires_at: time.nullable().describe('When the result is removed.'),
    inputs: z.array(fileSchema),
    outputs: z.array(fileSchema),
    options: z.record(z.string(), z.unknown()).describe('Without those that are secret (`writeOnly` in their schema).'),
    data: z.unknown().describe('What the tool answered, as JSON; null when it answered with files only.'),
    error: errorSchema.nullable(),
    cache_hit: z.boolean().describe('Whether the result is that of an earlier task with the same inputs and options.'),
    usage: z.object({ wall_ms: z.number(), cpu_ms: z.number(), max_rss_bytes: z.number() }).nullable(),
    tag: z.string().nullable(),
    retry_of: z.uuid().nullable().describe('The task that this one repeats.'),
    result_url: z.string().nullable(),
    links: z.object({
      self: z.string(),
      cancel: z.string().nullable(),
      retry: z.string().nullable(),
      receipt: z.string().nullable(),
      tool: z.string(),
    }),
  })
  .meta({ id: 'Task' });

export type TaskDocument = z.output<typeof taskSchema>;

export function taskPath(id: string): string {
  return `${API}/tasks/${id}`;
}

/** @param queue its place among those that wait, when that is known */
export function taskDocument(task: Task, queue: TaskDocument['queue'] = null): TaskDocument {
  const self = taskPath(task.id);
  const isFinished = isTerminal(task.status);
  return {
    task_id: task.id,
    tool: { name: task.tool, version: task.toolVersion },
    status: task.status,
    status_reason: task.statusReason ?? null,
    priority: task.priority,
    attempt: task.attempt,
    max_attempts: task.maxAttempts,
    progress: { ratio: task.progressRatio, message: task.progressMessage ?? null },
    queue,
    created_at: task.createdAt.toISOString(),
    started_at: task.startedAt?.toISOString() ?? null,
    finished_at: task.finishedAt?.toISOString() ?? null,
    expires_at: task.expiresAt?.toISOString() ?? null,
    inputs: task.inputs,
    outputs: task.outputs,
    options: task.options,
    data: task.data ?? null,
    error: task.error ?? null,
    cache_hit: task.cacheHit,
    usage: task.usage ?? null,
    tag: task.tag ?? null,
    retry_of: task.retryOf ?? null,
    result_url: task.status === 'completed' ? `${self}/result` : null,
    links: {
      self,
      cancel: isFinished ? null : `${self}/cancel`,
      retry: isFinished && isRepeatable(task) ? `${self}/retry` : null,
      receipt: isFinished ? `${self}/receipt` : null,
      tool: isBuiltIn(task.tool) ? `${API}/files/import` : `${API}/tools/${task.tool}`,
    },
  };
}
