import { Controller, HttpCode, Param, Post, Req, Res, UseInterceptors } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Needs } from '../auth/access.decorators.js';
import { type Actor, CurrentActor } from '../auth/actor.js';
import { Documented } from '../http/documented.js';
import { Creates } from '../idempotency/creates.decorator.js';
import { ToolRegistry } from '../tools/tool.registry.js';
import { USUAL_PRIORITY } from './task.acceptance.js';
import { type TaskDocument, taskSchema } from './task.document.js';
import { accepted } from './task.creation.js';
import { TaskSubmission } from './task.submission.js';
import { PrefersWait, TaskWaitInterceptor } from './task.wait.interceptor.js';

const FORM = {
  type: 'object',
  properties: {
    file: { type: 'array', items: { type: 'string', format: 'binary' } },
    options: {
      type: 'string',
      description: 'The options as JSON text. Sent first, it is checked before any file is read.',
    },
    tag: { type: 'string', description: 'A word of your own to find the task by.' },
    callback_url: { type: 'string', description: 'Where the end of the task is told.' },
    priority: { type: 'integer', minimum: 0, maximum: 9, default: USUAL_PRIORITY, description: 'Higher runs first.' },
  },
};

/** Here a request becomes a task. It lives beside the tasks, because the tools know nothing of them. */
@ApiTags('tools')
@Controller('tools')
export class SubmissionController {
  constructor(
    private readonly tools: ToolRegistry,
    private readonly submission: TaskSubmission,
  ) {}

  @Post(':tool/process')
  @Needs('tasks:write')
  @HttpCode(202)
  @Creates()
  @PrefersWait()
  // The nearest one is the outermost: it is around Idempotency-Key.
  @UseInterceptors(TaskWaitInterceptor)
  @Documented({
    summary: 'Run a tool',
    description:
      'A form with the files, or JSON with the ids of uploaded files. Follow the task under Location. A deterministic ' +
      'tool that had the same inputs and options before is not run again: the task is completed at once, and says ' +
      '`cache_hit`. `Cache-Control: no-cache` runs it.',
    answers: {
      200: { description: 'The task has finished, within the time that you preferred to wait.', schema: taskSchema },
      202: { description: 'The task exists.', schema: taskSchema },
    },
    problems: [
      'malformed_json',
      'malformed_multipart',
      'invalid_request',
      'tool_not_found',
      'file_not_found',
      'file_expired',
      'file_removed',
      'file_not_scanned',
      'body_too_large',
      'file_too_large',
      'options_too_large',
      'unsupported_media_type',
      'file_type_not_accepted',
      'file_type_mismatch',
      'file_empty',
      'file_missing',
      'too_many_files',
      'file_infected',
      'file_encrypted',
      'file_too_large_to_scan',
      'scan_failed',
      'scan_unavailable',
      'invalid_options',
      'queue_full',
      'address_not_allowed',
      'callbacks_missing',
      'tool_unavailable',
      'storage_full',
      'storage_quota_exceeded',
      'quota_exceeded',
      'idempotency_in_progress',
      'idempotency_key_reused',
    ],
    body: { 'multipart/form-data': FORM, 'application/json': { $ref: '#/components/schemas/NewTask' } },
  })
  async process(
    @CurrentActor() actor: Actor,
    @Param('tool', { schema: z.string().max(64) }) name: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TaskDocument> {
    const task = await this.submission.submit(actor, this.tools.usable(name), request);
    const { headers, body } = accepted(task);
    reply.headers(headers);
    return body;
  }
}
