import { join } from 'node:path';
import { z } from 'zod';
import { until } from '../test/conditions.ts';
import { type Platform, type PlatformOptions, startPlatform } from '../test/platform.ts';

const TESTS = join(import.meta.dirname, '../test');
/** Tools that burn time, and tools that do not listen. */
export const WORKSHOP = join(TESTS, 'flows/plugins');
export const HOSTILE = join(TESTS, 'sandbox/plugins');

/** What is broken on purpose is not worth a line. */
const ENV = { LOG_LEVEL: 'fatal', RATE_LIMIT_CREATE: '0', RATE_LIMIT_STATUS: '0', RATE_LIMIT_OTHER: '0' };
/** Much longer than anything is promised to take: what takes longer is broken, not slow. */
const PATIENCE_MS = 60_000;

const taskSchema = z.object({
  task_id: z.string(),
  status: z.enum(['pending', 'processing', 'completed', 'failed', 'cancelled']),
  attempt: z.number(),
  progress: z.object({ message: z.string().nullable() }),
  started_at: z.string().nullable(),
  finished_at: z.string().nullable(),
});
export type Task = z.output<typeof taskSchema>;

/** A platform of its own, with tools of the tests. */
export function platformOf({ env, ...options }: PlatformOptions = {}): Promise<Platform> {
  return startPlatform({ ...options, env: { ...ENV, PLUGINS_DIR: WORKSHOP, ...env } });
}

export function postTask(platform: Platform, tool: string, options: object = {}): Promise<Response> {
  return platform.postJson(`/api/v1/tools/${tool}/process`, { options });
}

export async function createTask(platform: Platform, tool: string, options: object = {}): Promise<string> {
  return taskSchema.parse(await (await postTask(platform, tool, options)).json()).task_id;
}

/** The task as soon as it is so. @throws when a minute was not enough */
export function taskWhen(
  platform: Platform,
  id: string,
  describe: string,
  holds: (task: Task) => boolean,
): Promise<Task> {
  const look = async (): Promise<Task | undefined> => {
    const task = taskSchema.parse(await (await platform.get(`/api/v1/tasks/${id}`)).json());
    return holds(task) ? task : undefined;
  };
  return eventually(look, describe);
}

export function runs({ status }: Task): boolean {
  return status === 'processing';
}

export function hasEnded({ finished_at }: Task): boolean {
  return finished_at !== null;
}

export async function cancel(platform: Platform, id: string): Promise<void> {
  const { status } = await platform.post(`/api/v1/tasks/${id}/cancel`);
  if (status !== 200) throw new Error(`The task ${id} could not be cancelled: ${status}.`);
}

/** As `until`, but with all the time that something broken would need. */
export function eventually<T>(condition: () => T | Promise<T>, describe: string): Promise<NonNullable<T>> {
  return until(condition, { timeoutMs: PATIENCE_MS, describe });
}
