import { randomUUIDv7 } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Actor } from '../auth/actor.js';
import { invalidRequest } from '../errors/invalid-request.js';
import { Problem } from '../errors/problem.js';
import { FilesService } from '../files/files.service.js';
import { Upload } from '../files/upload.js';
import { readForm } from '../http/form.js';
import type { Tool } from '../tools/tool.js';
import { refuseLargeOptions } from '../plugins/options/tool.options.js';
import { prioritySchema, tagSchema, USUAL_PRIORITY } from './task.acceptance.js';
import { sourceSchema } from './sources/source.js';
import { TaskCreation } from './task.creation.js';
import type { Task } from './task.entity.js';
import { TaskForm } from './task.form.js';
import { taskFile, TaskInputs } from './task.inputs.js';
import { webhookUrlSchema } from './webhooks/webhook.document.js';

export const newTaskSchema = z
  .strictObject({
    inputs: z
      .array(z.union([z.uuid(), sourceSchema]))
      .max(1000)
      .default([])
      .describe('Ids of uploaded files, or where files are to be fetched from before the tool runs.'),
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
    private readonly creation: TaskCreation,
    private readonly files: FilesService,
    private readonly inputs: TaskInputs,
  ) {}

  /** Asks first whether there is room for a task, before a byte of its files is read. */
  async submit(actor: Actor, tool: Tool, request: FastifyRequest): Promise<Task> {
    await this.creation.refuseWithoutRoom(actor);
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
      return await this.creation.create(actor, tool, { id: randomUUIDv7(), inputs, sources: null, ...wanted }, request);
    } catch (error) {
      await upload.undo();
      throw error;
    }
  }

  /** The files are there already. */
  private async submitJson(actor: Actor, tool: Tool, request: FastifyRequest): Promise<Task> {
    const body = newTaskSchema.safeParse(request.body);
    if (!body.success) throw invalidRequest(body.error.issues);
    refuseLargeOptions(Number(request.headers['content-length'] ?? Infinity), body.data.options);
    return this.submitFiles(actor, tool, body.data, request);
  }

  /** Of files that are there already, or are fetched. Whether there is room for a task was asked before. */
  async submitFiles(
    actor: Actor,
    tool: Tool,
    { inputs: wanted, options: given, callback_url: callbackUrl, tag, priority }: z.output<typeof newTaskSchema>,
    request: FastifyRequest,
  ): Promise<Task> {
    const options = tool.options.check(given);
    const inputs = await this.inputs.accept(actor, tool, wanted);
    return this.creation.create(actor, tool, { ...inputs, options, tag, callbackUrl, priority }, request);
  }
}

function isJson({ headers, body }: FastifyRequest): boolean {
  return body !== undefined && /^application\/json\b/i.test(headers['content-type'] ?? '');
}
