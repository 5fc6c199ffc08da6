import { Controller, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Needs } from '../auth/access.decorators.js';
import { type Actor, CurrentActor } from '../auth/actor.js';
import { Documented } from '../http/documented.js';
import { Creates } from '../idempotency/creates.decorator.js';
import { accepted } from './task.creation.js';
import { type TaskDocument, taskSchema } from './task.document.js';
import { TaskRetry } from './task.retry.js';

@ApiTags('tasks')
@Controller('tasks/:id/retry')
export class TaskRetryController {
  constructor(private readonly retries: TaskRetry) {}

  @Post()
  @Needs('tasks:write')
  @HttpCode(202)
  @Creates()
  @Documented({
    summary: 'Run a finished task again',
    description:
      'A new task with the same tool, inputs, options, tag and priority, without `callback_url`; `retry_of` names the old ' +
      'one. Inputs that came by URL are taken as they were then; an import is not repeated. A result that is ' +
      'known is not made anew, unless the request says `Cache-Control: no-cache`.',
    answers: { 202: { description: 'The new task.', schema: taskSchema } },
    problems: [
      'not_allowed',
      'task_not_found',
      'task_not_finished',
      'task_not_repeatable',
      'result_expired',
      'tool_not_found',
      'tool_unavailable',
      'file_not_found',
      'file_expired',
      'file_removed',
      'file_not_scanned',
      'file_too_large',
      'file_type_not_accepted',
      'file_missing',
      'too_many_files',
      'invalid_options',
      'queue_full',
      'storage_quota_exceeded',
      'quota_exceeded',
      'idempotency_in_progress',
      'idempotency_key_reused',
    ],
  })
  async retry(
    @CurrentActor() actor: Actor,
    @Param('id', { schema: z.uuid() }) id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TaskDocument> {
    const { headers, body } = accepted(await this.retries.retry(actor, id, request));
    reply.headers(headers);
    return body;
  }
}
