import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { request } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { Platform } from '../test/platform.ts';
import { Client, collect, unexpected } from './client.ts';

const taskSchema = z.object({
  status: z.string(),
  started_at: z.coerce.date().nullable(),
  finished_at: z.coerce.date().nullable(),
  usage: z.object({ wall_ms: z.number(), max_rss_bytes: z.number() }).nullable(),
  outputs: z.array(z.object({ file_id: z.string(), name: z.string(), size: z.number() })).nullable(),
  data: z.unknown(),
  error: z.unknown(),
});

export type Task = z.output<typeof taskSchema>;

/** Uploads a large file. Answers its id. */
export async function uploadTable({ url, credentials }: Platform, path: string): Promise<string> {
  const headers = { ...credentials, 'content-type': 'text/csv' };
  const sent = request(`${url}/api/v1/files`, { method: 'POST', headers });
  const answered = once(sent, 'response').then(([response]) => collect(response));
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), sent);
  const answer = await answered;
  const id = /"file_id":"([^"]+)"/.exec(answer.body.toString())?.[1];
  if (answer.status !== 201 || id === undefined) throw unexpected(answer);
  return id;
}

/** Runs a tool on stored files, to its end. Waits for the answer, because to ask again and again takes processor time. @throws unless it completes */
export async function runTool(platform: Platform, tool: string, inputs: string[], options: object): Promise<Task> {
  using client = new Client(platform, 1);
  const body = Buffer.from(JSON.stringify({ inputs, options }));
  const answer = await client.post(`/api/v1/tools/${tool}/process`, 'application/json', body, { prefer: 'wait=25' });
  if (answer.status !== 200) throw unexpected(answer);
  const task = taskSchema.parse(JSON.parse(answer.body.toString()));
  if (task.status !== 'completed') throw unexpected(answer);
  return task;
}

/** SHA-256 of a stored file. */
export async function hashOf(platform: Platform, id: string): Promise<string> {
  using client = new Client(platform, 1);
  const answer = await client.get(`/api/v1/files/${id}/content`);
  if (answer.status !== 200) throw unexpected(answer);
  return createHash('sha256').update(answer.body).digest('hex');
}

export async function removeFile(platform: Platform, id: string): Promise<void> {
  using client = new Client(platform, 1);
  await client.delete(`/api/v1/files/${id}`);
}

/** Milliseconds from the claim to the end: what the task took, whatever it waited for. */
export function spentMs({ started_at: started, finished_at: finished }: Task): number {
  return Number(finished) - Number(started);
}
