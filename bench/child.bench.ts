import { z } from 'zod';
import { startPlatform } from '../test/platform.ts';
import { Client } from './client.ts';
import { taskId } from './pace.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from './statistics.ts';
import { figure, table } from './table.ts';

/** Each says how much stands around a child. */
const MODES = ['off', 'process', 'permission', 'auto'];
const COLD = 5;
const WARM = 200;
const ASK_AGAIN_MS = 2;

const taskSchema = z.object({
  status: z.string(),
  started_at: z.coerce.date().nullable(),
  finished_at: z.coerce.date().nullable(),
  usage: z.object({ wall_ms: z.number() }).nullable(),
});

type Task = z.output<typeof taskSchema>;

/** What a child costs: to start one, and to use one that waits. By what stands around it. */
export async function childBench(): Promise<void> {
  console.log('\nchild: the process in which a tool runs');
  const rows: string[][] = [];
  for (const mode of MODES) rows.push(await measure(mode));
  console.log(table(['', 'cold ms', 'warm ms', 'warm without the tool'], rows));
}

async function measure(mode: string): Promise<string[]> {
  await using platform = await startPlatform({ env: { LOG_LEVEL: 'warn', SANDBOX: mode, WORKER_CONCURRENCY: '1' } });
  using client = new Client(platform, 1);
  const cold: number[] = [];
  while (cold.length < COLD) {
    await loseChild(client);
    cold.push(spent(await echo(client)));
  }
  const warm: Task[] = [];
  while (warm.length < WARM) warm.push(await echo(client));
  const without = warm.map((task) => spent(task) - (task.usage?.wall_ms ?? Number.NaN));
  return [`SANDBOX=${mode}`, figure(median(cold)), figure(mean(warm.map(spent))), figure(mean(without))];
}

/** A task that is cancelled takes its child with it. */
async function loseChild(client: Client): Promise<void> {
  const id = await create(client, { delay_ms: 600_000 });
  await taskAs(client, id, ({ status }) => status === 'processing');
  await client.post(`/api/v1/tasks/${id}/cancel`, 'application/json', Buffer.from('{}'));
  await taskAs(client, id, ({ status }) => status === 'cancelled');
}

async function echo(client: Client): Promise<Task> {
  return taskAs(client, await create(client, {}), ({ status }) => status === 'completed');
}

async function create(client: Client, options: object): Promise<string> {
  const body = Buffer.from(JSON.stringify({ options }));
  return taskId(await client.post('/api/v1/tools/echo/process', 'application/json', body));
}

async function taskAs(client: Client, id: string, holds: (task: Task) => boolean): Promise<Task> {
  for (;;) {
    const task = taskSchema.parse(JSON.parse((await client.get(`/api/v1/tasks/${id}`)).body.toString()));
    if (holds(task)) return task;
    await sleep(ASK_AGAIN_MS);
  }
}

/** Milliseconds from the claim to the end. The clock of the server has whole ones, so only many tell. */
function spent({ started_at, finished_at }: Task): number {
  return Number(finished_at) - Number(started_at);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
