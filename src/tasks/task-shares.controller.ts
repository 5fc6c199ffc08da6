import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Needs } from '../auth/access.decorators.js';
import { type Actor, CurrentActor } from '../auth/actor.js';
import {
  type NewShare,
  newShareSchema,
  shareDocument,
  type ShareDocument,
  shareListSchema,
  shareSchema,
} from '../auth/sharing/share.document.js';
import { SharesService } from '../auth/sharing/shares.service.js';
import { Documented } from '../http/documented.js';
import { Creates } from '../idempotency/creates.decorator.js';
import { asShareable, TaskAccess } from './task.access.js';

const id = { schema: z.uuid() };

/** Owners let others read a task. */
@ApiTags('tasks')
@Controller('tasks/:id/shares')
export class TaskSharesController {
  constructor(
    private readonly access: TaskAccess,
    private readonly shares: SharesService,
  ) {}

  @Post()
  @Needs('tasks:write')
  @Creates()
  @Documented({
    summary: 'Share a task',
    description: 'With a user or with everybody of a role, who may then follow it and download its result.',
    answers: { 201: { description: 'It is shared.', schema: shareSchema } },
    problems: [
      'malformed_json',
      'invalid_request',
      'not_allowed',
      'task_not_found',
      'user_not_found',
      'idempotency_in_progress',
      'idempotency_key_reused',
    ],
  })
  async add(
    @CurrentActor() actor: Actor,
    @Param('id', id) taskId: string,
    @Body({ schema: newShareSchema }) wanted: NewShare,
    @Req() request: FastifyRequest,
  ): Promise<ShareDocument> {
    const task = asShareable(await this.access.own(actor, taskId));
    return shareDocument(await this.shares.add(actor, task, wanted, request));
  }

  @Get()
  @Needs('tasks:read')
  @Documented({
    summary: 'List with whom a task is shared',
    answers: { 200: { description: 'All shares of the task, oldest first.', schema: shareListSchema } },
    problems: ['not_allowed', 'task_not_found'],
  })
  async list(@CurrentActor() actor: Actor, @Param('id', id) taskId: string): Promise<z.output<typeof shareListSchema>> {
    const task = asShareable(await this.access.own(actor, taskId));
    return { data: (await this.shares.list(task)).map(shareDocument) };
  }

  @Delete(':share_id')
  @Needs('tasks:write')
  @HttpCode(204)
  @Documented({
    summary: 'Share a task no more',
    answers: { 204: { description: 'It is not shared any more.' } },
    problems: ['not_allowed', 'task_not_found', 'share_not_found'],
  })
  async remove(
    @CurrentActor() actor: Actor,
    @Param('id', id) taskId: string,
    @Param('share_id', id) shareId: string,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    const task = asShareable(await this.access.own(actor, taskId));
    await this.shares.remove(task, shareId, request);
  }
}
