import { Controller, Delete, Get, Headers, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Needs } from '../auth/access.decorators.js';
import { type Actor, CurrentActor } from '../auth/actor.js';
import { Documented } from '../http/documented.js';
import { sendDocument } from '../http/document.js';
import { appliedWait, preferredWait } from '../http/prefer.js';
import { linkHeader, page, pageQuery, pageSchema } from '../http/page.js';
import { Budget } from '../limits/budget.js';
import { TaskOutlook } from './estimates/task.outlook.js';
import { FILTERS, SCOPES, taskFilter } from './lists/task.filter.js';
import { TaskAccess } from './task.access.js';
import { type TaskDocument, taskDocument, taskSchema } from './task.document.js';
import { TaskResult } from './task.result.js';
import { isTerminal } from './task.status.js';
import { PrefersWait } from './task.wait.interceptor.js';
import { TaskWaits } from './task.waits.js';
import { TasksService } from './tasks.service.js';

const id = { schema: z.uuid() };
const listQuery = pageQuery.extend({ ...FILTERS, ...SCOPES });
const taskPage = pageSchema(taskSchema).meta({ id: 'TaskPage' });

@ApiTags('tasks')
@Controller('tasks')
export class TasksController {
  constructor(
    private readonly access: TaskAccess,
    private readonly tasks: TasksService,
    private readonly result: TaskResult,
    private readonly waits: TaskWaits,
    private readonly outlook: TaskOutlook,
  ) {}

  @Get()
  @Needs('tasks:read')
  @Documented({
    summary: 'List tasks, newest first',
    answers: { 200: { description: 'A page.', schema: taskPage } },
    problems: ['invalid_request', 'invalid_cursor', 'not_allowed'],
  })
  async list(
    @CurrentActor() actor: Actor,
    @Query({ schema: listQuery }) { limit, cursor, shared, owner, ...filter }: z.output<typeof listQuery>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.output<typeof taskPage>> {
    const scope = { shared, owner, ...taskFilter(filter) };
    const found = page(await this.access.list(actor, scope, limit + 1, cursor), limit);
    reply.headers(linkHeader(request.url, found.page.next_cursor));
    return { data: found.data.map((task) => taskDocument(task)), page: found.page };
  }

  @Get(':id')
  @Needs('tasks:read')
  @Budget('status')
  @PrefersWait()
  @Documented({
    summary: 'Ask for a task',
    description: 'While the task is not finished, Retry-After says when to ask again. Knows If-None-Match.',
    answers: { 200: { description: 'The task.', schema: taskSchema }, 304: { description: 'Nothing has changed.' } },
    problems: ['task_not_found'],
  })
  async find(
    @CurrentActor() actor: Actor,
    @Param('id', id) taskId: string,
    @Headers('if-none-match') known: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const seconds = preferredWait(request.headers['prefer']);
    if (seconds !== undefined) reply.headers(appliedWait(seconds));
    const task = await (seconds === undefined
      ? this.access.read(actor, taskId)
      : this.waits.wait(actor, taskId, seconds, request, reply));
    const { queue, statusReason, retrySeconds } = await this.outlook.of(task);
    if (!isTerminal(task.status)) reply.header('retry-after', String(retrySeconds));
    await sendDocument(reply, taskDocument({ ...task, statusReason }, queue), known);
  }

  @Get(':id/result')
  @Needs('tasks:read')
  @Documented({
    summary: 'Download the result',
    description: 'One output: its bytes. Several: a zip. None: the data, as JSON.',
    answers: {
      200: { description: 'The result.', mediaType: 'application/octet-stream' },
      206: { description: 'A part of it.', mediaType: 'application/octet-stream' },
      304: { description: 'The client has it already.' },
    },
    problems: ['task_not_found', 'task_not_finished', 'task_has_no_result', 'result_expired', 'range_not_satisfiable'],
  })
  async download(
    @CurrentActor() actor: Actor,
    @Param('id', id) taskId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.result.send(await this.access.read(actor, taskId), request, reply);
  }

  @Post(':id/cancel')
  @Needs('tasks:write')
  @HttpCode(200)
  @Documented({
    summary: 'Cancel a task',
    description: 'Ends the work itself, wherever it runs.',
    answers: { 200: { description: 'The task is cancelled.', schema: taskSchema } },
    problems: ['not_allowed', 'task_not_found', 'task_already_finished'],
  })
  async cancel(@CurrentActor() actor: Actor, @Param('id', id) taskId: string): Promise<TaskDocument> {
    return taskDocument(await this.tasks.cancel(actor, taskId));
  }

  @Delete(':id')
  @Needs('tasks:write')
  @HttpCode(204)
  @Documented({
    summary: 'Remove a finished task and its outputs',
    answers: { 204: { description: 'It is gone.' } },
    problems: ['not_allowed', 'task_not_found', 'task_not_finished'],
  })
  async remove(
    @CurrentActor() actor: Actor,
    @Param('id', id) taskId: string,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    await this.tasks.remove(actor, taskId, request);
  }
}
