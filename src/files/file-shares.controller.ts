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
import { asShareable, FileAccess } from './file.access.js';

const id = { schema: z.uuid() };

/** Owners let others read a file. */
@ApiTags('files')
@Controller('files/:id/shares')
export class FileSharesController {
  constructor(
    private readonly access: FileAccess,
    private readonly shares: SharesService,
  ) {}

  @Post()
  @Needs('files:write')
  @Creates()
  @Documented({
    summary: 'Share a file',
    description: 'With a user or with everybody of a role, who may then read it and use it as an input.',
    answers: { 201: { description: 'It is shared.', schema: shareSchema } },
    problems: [
      'malformed_json',
      'invalid_request',
      'not_allowed',
      'file_not_found',
      'user_not_found',
      'file_expired',
      'file_removed',
      'idempotency_in_progress',
      'idempotency_key_reused',
    ],
  })
  async add(
    @CurrentActor() actor: Actor,
    @Param('id', id) fileId: string,
    @Body({ schema: newShareSchema }) wanted: NewShare,
    @Req() request: FastifyRequest,
  ): Promise<ShareDocument> {
    const file = asShareable(await this.access.own(actor, fileId));
    return shareDocument(await this.shares.add(actor, file, wanted, request));
  }

  @Get()
  @Needs('files:read')
  @Documented({
    summary: 'List with whom a file is shared',
    answers: { 200: { description: 'All shares of the file, oldest first.', schema: shareListSchema } },
    problems: ['not_allowed', 'file_not_found', 'file_expired', 'file_removed'],
  })
  async list(@CurrentActor() actor: Actor, @Param('id', id) fileId: string): Promise<z.output<typeof shareListSchema>> {
    const file = asShareable(await this.access.own(actor, fileId));
    return { data: (await this.shares.list(file)).map(shareDocument) };
  }

  @Delete(':share_id')
  @Needs('files:write')
  @HttpCode(204)
  @Documented({
    summary: 'Share a file no more',
    answers: { 204: { description: 'It is not shared any more.' } },
    problems: ['not_allowed', 'file_not_found', 'share_not_found', 'file_expired', 'file_removed'],
  })
  async remove(
    @CurrentActor() actor: Actor,
    @Param('id', id) fileId: string,
    @Param('share_id', id) shareId: string,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    const file = asShareable(await this.access.own(actor, fileId));
    await this.shares.remove(file, shareId, request);
  }
}
