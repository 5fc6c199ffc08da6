import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Actor } from '../auth/actor.js';
import { invalidRequest } from '../errors/invalid-request.js';
import { Problem } from '../errors/problem.js';
import { FileAccess } from '../files/file.access.js';
import { FilesService } from '../files/files.service.js';
import { Upload } from '../files/upload.js';
import { inProgress, KeyedRequests } from '../idempotency/keyed.requests.js';
import { readForm } from '../http/form.js';
import type { Tool } from '../tools/tool.js';
import { refuseLargeOptions } from '../tools/tool.options.js';
import { acceptType, prioritySchema, refuseNumber, tagSchema, USUAL_PRIORITY } from './task.acceptance.js';
import { type TaskDocument, taskDocument, taskPath } from './task.document.js';
import type { Task, TaskFile } from './task.entity.js';
import { TaskForm } from './task.form.js';
import { TaskRoom } from './task.room.js';
import { type NewTask, TasksService } from './tasks.service.js';
import { TaskCallbacks } from './webhooks/task.callbacks.js';
import { webhookUrlSchema } from './webhooks/webhook.document.js';

export const newTaskSchema = z
  .strictObject({
    inputs: z.array(z.uuid()).max(1000).default([]).describe('Ids of uploaded files.'),
    options: z.record(z.string(), z.unknown()).default({}),
    tag: tagSchema.nullable().default(null),
    priority: prioritySchema.default(USUAL_PRIORITY),
    callback_url: webhookUrlSchema
      .nullable()
      .default(null)
      .describe('Where the end of the task is told; signed by your webhook without url.'),
  })
  .meta({ id: 'NewTask' });

/** Turns a request into a task: whatever does not fit is refused as early as it is known, and leaves nothing. */
@Injectable()
export class TaskSubmission {
  constructor(
    private readonly tasks: TasksService,
    private readonly files: FilesService,
    private readonly access: FileAccess,
    private readonly keyed: KeyedRequests,
    private readonly callbacks: TaskCallbacks,
    private readonly room: TaskRoom,
  ) {}

  /** Asks first whether there is room for a task, before a byte of its files is read. */
  async submit(actor: Actor, tool: Tool, request: FastifyRequest): Promise<Task> {
    await this.room.refuseWhenNone(actor.id);
    if (request.isMultipart()) return this.submitForm(actor, tool, request);
    if (isJson(request)) return this.submitJson(actor, tool, request);
    throw new Problem('unsupported_media_type', 'Send a form (multipart/form-data) or JSON (application/json).');
  }

  /** The files come with the request. They are stored as they arrive and removed again when the request is refused. */
  private async submitForm(actor: Actor, tool: Tool, request: FastifyRequest): Promise<Task> {
    const upload = new Upload(this.files);
    const form = new TaskForm(actor, tool, upload, this.files.maxUploadBytes);
    try {
      await readForm(request, (part) => form.receive(part));
      const wanted = form.complete();
      const inputs = upload.files.map(taskFile);
      return await this.create(actor, tool, { inputs, ...wanted }, request);
    } catch (error) {
      await upload.undo();
      throw error;
    }
  }

  /** The files are there already. */
  private async submitJson(actor: Actor, tool: Tool, request: FastifyRequest): Promise<Task> {
    const body = newTaskSchema.safeParse(request.body);
    if (!body.success) throw invalidRequest(body.error.issues);
    const { inputs: ids, options: given, callback_url: callbackUrl, tag, priority } = body.data;
    refuseLargeOptions(Number(request.headers['content-length'] ?? Infinity), given);
    const options = tool.options.check(given);
    refuseNumber(tool, ids.length);
    const inputs = await Promise.all(ids.map((id, index) => this.input(actor, tool, id, index)));
    await this.files.keep(actor.id, ids);
    return this.create(actor, tool, { inputs, options, tag, callbackUrl, priority }, request);
  }

  private async create(actor: Actor, tool: Tool, wanted: NewTask, request: FastifyRequest): Promise<Task> {
    if (wanted.callbackUrl !== null) await this.callbacks.accept(actor, wanted.callbackUrl);
    for (;;) {
      let hasKey = false;
      const task = await this.tasks.create(actor, tool, wanted, (task) => {
        const keeping = this.keyed.keeping(request, accepted(task));
        hasKey = keeping.length > 0;
        return [...keeping, ...this.room.counting(actor.id)];
      });
      if (task) return task;
      await this.room.refuseWhenNone(actor.id);
      // There was no room a moment ago, and now there is. Only what is kept for a key can be said just once.
      if (hasKey) throw inProgress();
    }
  }

  private async input(actor: Actor, tool: Tool, id: string, index: number): Promise<TaskFile> {
    const file = await this.access.usable(actor, id);
    acceptType(tool, file.type, `/inputs/${index}`);
    if (file.size > tool.limits.maxInputBytes) {
      throw new Problem('file_too_large', `${tool.name} takes files of ${tool.limits.maxInputBytes} bytes at most.`);
    }
    return taskFile(file);
  }
}

/** What whoever creates a task is answered. */
export function accepted(task: Task): { headers: Record<string, string>; body: TaskDocument } {
  return { headers: { location: taskPath(task.id), 'retry-after': '1' }, body: taskDocument(task) };
}

function isJson({ headers, body }: FastifyRequest): boolean {
  return body !== undefined && /^application\/json\b/i.test(headers['content-type'] ?? '');
}

function taskFile({ id, name, type, size, sha256 }: { id: string } & Omit<TaskFile, 'file_id'>): TaskFile {
  return { file_id: id, name, type, size, sha256 };
}
