import { z } from 'zod';
import { fileSchema, type FileDocument } from '../../src/files/file.document.js';
import { type TaskDocument, taskSchema } from '../../src/tasks/task.document.js';
import { until } from '../conditions.js';
import type { Visitor } from '../visitor.js';

export type { FileDocument, TaskDocument };

/** A platform, which sends requests as its admin, or somebody else. */
export type Caller = Pick<Visitor, 'get' | 'post' | 'postJson'>;

export interface NamedBytes {
  readonly name: string;
  readonly bytes: Buffer | string;
}

export interface Wanted {
  /** Sent as the first part of a form, or as a member of the JSON. */
  readonly options?: unknown;
  /** Any of these makes it a form. */
  readonly files?: readonly NamedBytes[];
  /** Ids of files that are there already, in JSON. */
  readonly inputs?: readonly string[];
  readonly tag?: string;
  readonly priority?: number;
}

const filesSchema = z.object({ data: z.array(fileSchema) });
const pageSchema = z.object({ next_cursor: z.string().nullable(), has_more: z.boolean() });
const filePageSchema = filesSchema.extend({ page: pageSchema });
const taskPageSchema = z.object({ data: z.array(taskSchema), page: pageSchema });

/** Asks for a task, in the form that fits what is wanted, and answers whatever comes. */
export function postTask(platform: Caller, tool: string, wanted: Wanted = {}): Promise<Response> {
  const path = `/api/v1/tools/${tool}/process`;
  const { options, files, inputs, tag, priority } = wanted;
  if (!files) return platform.postJson(path, { options, inputs, tag, priority });

  const body = new FormData();
  if (options !== undefined) body.append('options', JSON.stringify(options));
  if (tag !== undefined) body.append('tag', tag);
  if (priority !== undefined) body.append('priority', String(priority));
  for (const file of files) body.append('file', asFile(file));
  return platform.post(path, { body });
}

/** Creates a task. Every document that comes here is checked against the published schema. */
export async function createTask(platform: Caller, tool: string, wanted: Wanted = {}): Promise<TaskDocument> {
  return taskSchema.parse(await expectJson(await postTask(platform, tool, wanted), 202));
}

export async function readTask(platform: Caller, id: string): Promise<TaskDocument> {
  return taskSchema.parse(await expectJson(await platform.get(`/api/v1/tasks/${id}`), 200));
}

/** The task when its status is one of these. */
export async function taskIn(
  platform: Caller,
  id: string,
  statuses: readonly TaskDocument['status'][],
  timeoutMs = 15_000,
): Promise<TaskDocument> {
  let last: TaskDocument | undefined;
  const arrived = async () => {
    last = await readTask(platform, id);
    return statuses.includes(last.status) ? last : undefined;
  };
  try {
    return await until(arrived, { timeoutMs, describe: `the task ${id} is ${statuses.join(' or ')}` });
  } catch (error) {
    throw new Error(`${String(error)} It was: ${JSON.stringify(last)}`, { cause: error });
  }
}

/** The task when it is finished, however it ended. */
export function finishedTask(platform: Caller, id: string, timeoutMs?: number): Promise<TaskDocument> {
  return taskIn(platform, id, ['completed', 'failed', 'cancelled'], timeoutMs);
}

export async function cancelTask(platform: Caller, id: string): Promise<TaskDocument> {
  return taskSchema.parse(await expectJson(await platform.post(`/api/v1/tasks/${id}/cancel`), 200));
}

/** Stores files by one form. */
export async function uploadAll(platform: Caller, files: readonly NamedBytes[]): Promise<FileDocument[]> {
  const body = new FormData();
  for (const file of files) body.append('file', asFile(file));
  return filesSchema.parse(await expectJson(await platform.post('/api/v1/files', { body }), 201)).data;
}

export async function upload(platform: Caller, name: string, bytes: Buffer | string): Promise<FileDocument> {
  const [file] = await uploadAll(platform, [{ name, bytes }]);
  if (!file) throw new Error('The answer to an upload names no file.');
  return file;
}

export async function download(platform: Caller, id: string): Promise<Buffer> {
  const response = await platform.get(`/api/v1/files/${id}/content`);
  if (response.status !== 200) throw new Error(`The download was answered with ${response.status}.`);
  return Buffer.from(await response.arrayBuffer());
}

/** @param query with its question mark */
export async function listFiles(platform: Caller, query = ''): Promise<z.output<typeof filePageSchema>> {
  return filePageSchema.parse(await expectJson(await platform.get(`/api/v1/files${query}`), 200));
}

/** @param query with its question mark */
export async function listTasks(platform: Caller, query = ''): Promise<z.output<typeof taskPageSchema>> {
  return taskPageSchema.parse(await expectJson(await platform.get(`/api/v1/tasks${query}`), 200));
}

async function expectJson(response: Response, status: number): Promise<unknown> {
  const text = await response.text();
  if (response.status !== status) throw new Error(`Expected ${status}, but got ${response.status}: ${text}`);
  return JSON.parse(text);
}

function asFile({ name, bytes }: NamedBytes): File {
  return new File([typeof bytes === 'string' ? bytes : new Uint8Array(bytes)], name);
}
