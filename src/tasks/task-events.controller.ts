import { Controller, Get, Headers, Param, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Needs } from '../auth/access.decorators.js';
import { type Actor, CurrentActor } from '../auth/actor.js';
import { Problem } from '../errors/problem.js';
import { Documented } from '../http/documented.js';
import { sendDocument } from '../http/document.js';
import { Budget } from '../limits/budget.js';
import { TaskAccess } from './task.access.js';
import { logLine, logLineSchema } from './task.event-document.js';
import { TaskLogs } from './task.logs.js';
import { TaskStreams } from './task.streams.js';

const id = { schema: z.uuid() };
const STREAM = { description: 'The events, as they happen.', mediaType: 'text/event-stream' };
const EVENTS =
  '`status` when the task goes to another one, `progress` at most four times a second, `log` for a line that the tool ' +
  'wrote, and `result` with the whole task at its end.';
const lineList = z.object({ data: z.array(logLineSchema) }).meta({ id: 'TaskLogLines' });

const LastEventId = () =>
  ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'The id of the last event that you have: what you have missed comes first.',
    schema: { type: 'string' },
  });

/** What happens to tasks, as it happens. */
@ApiTags('tasks')
@Controller()
export class TaskEventsController {
  constructor(
    private readonly access: TaskAccess,
    private readonly streams: TaskStreams,
    private readonly logs: TaskLogs,
  ) {}

  @Get('events')
  @Needs('tasks:read')
  @Budget('status')
  @LastEventId()
  @Documented({
    summary: 'Follow all of your tasks',
    description: `Server-Sent Events: ${EVENTS} Goes on until you leave.`,
    answers: { 200: STREAM },
  })
  async followAll(
    @CurrentActor() actor: Actor,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (request.method === 'HEAD') return describeStream(reply);
    await this.streams.followAll(actor, request, reply);
  }

  @Get('tasks/:id/events')
  @Needs('tasks:read')
  @Budget('status')
  @LastEventId()
  @Documented({
    summary: 'Follow a task to its end',
    description: `Server-Sent Events: ${EVENTS}`,
    answers: { 200: STREAM, 204: { description: 'You have seen the end: there is nothing to come back for.' } },
    problems: ['task_not_found'],
  })
  async follow(
    @CurrentActor() actor: Actor,
    @Param('id', id) taskId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const task = await this.access.read(actor, taskId);
    if (request.method === 'HEAD') return describeStream(reply);
    await this.streams.followTask(task, this.access.maySeeLog(actor, task), request, reply);
  }

  @Get('tasks/:id/logs')
  @Needs('tasks:read')
  @Budget('status')
  @Documented({
    summary: 'Read what the tool wrote about its work',
    description: 'Of each attempt the first 500 lines. For the owner of the task and for admins. Knows If-None-Match.',
    answers: {
      200: { description: 'All lines, oldest first.', schema: lineList },
      304: { description: 'Nothing has changed.' },
    },
    problems: ['not_allowed', 'task_not_found'],
  })
  async readLog(
    @CurrentActor() actor: Actor,
    @Param('id', id) taskId: string,
    @Headers('if-none-match') known: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const task = await this.access.read(actor, taskId);
    if (!this.access.maySeeLog(actor, task))
      throw new Problem('not_allowed', 'You may read this task, but only its owner may read its log.');
    const lines = await this.logs.list(taskId);
    await sendDocument(reply, { data: lines.map(logLine) } satisfies z.output<typeof lineList>, known);
  }
}

async function describeStream(reply: FastifyReply): Promise<void> {
  await reply.type(STREAM.mediaType).header('cache-control', 'no-store').send('');
}
