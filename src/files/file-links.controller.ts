import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Needs, Public } from '../auth/access.decorators.js';
import { type Actor, CurrentActor } from '../auth/actor.js';
import { AuditLog } from '../auth/audit/audit.log.js';
import { sourceOf } from '../auth/audit/audit.source.js';
import { Grantees } from '../auth/sharing/grantees.js';
import { Problem } from '../errors/problem.js';
import { Documented } from '../http/documented.js';
import { FileAccess, refuseGone, refuseUnscanned } from './file.access.js';
import { FileDelivery } from './file.delivery.js';
import type { File } from './file.entity.js';
import { FileLinks, linkQuery, linkSchema, newLinkSchema } from './file.links.js';
import { FileStore } from './file.store.js';

const id = { schema: z.uuid() };

@ApiTags('files')
@Controller('files')
export class FileLinksController {
  constructor(
    private readonly access: FileAccess,
    private readonly store: FileStore,
    private readonly links: FileLinks,
    private readonly delivery: FileDelivery,
    private readonly users: Grantees,
    private readonly audit: AuditLog,
  ) {}

  @Post(':id/link')
  @Needs('files:write')
  @Documented({
    summary: 'Make a link to a file',
    description:
      'It works for 15 minutes unless said otherwise, for a day at most, as long as you may log in, and for nothing but this file.',
    answers: { 201: { description: 'The link.', schema: linkSchema } },
    problems: [
      'malformed_json',
      'invalid_request',
      'not_allowed',
      'file_not_found',
      'file_expired',
      'file_removed',
      'file_not_scanned',
    ],
  })
  async create(
    @CurrentActor() actor: Actor,
    @Param('id', id) fileId: string,
    @Body({ schema: newLinkSchema }) { expires_in }: z.output<typeof newLinkSchema>,
    @Req() request: FastifyRequest,
  ): Promise<z.output<typeof linkSchema>> {
    const file = refuseUnscanned(await this.access.own(actor, fileId));
    const link = this.links.sign(file, new Date(Date.now() + expires_in * 1000));
    const details = { expires_at: link.expires_at };
    await this.audit.record({ action: 'link_create', object: `file:${fileId}`, ...sourceOf(request), details });
    return link;
  }

  @Get(':id/linked')
  @Public()
  @Documented({
    summary: 'Download a file by a link',
    description: 'As with a download, but the link is the only credential.',
    answers: {
      200: { description: 'The bytes.', mediaType: 'application/octet-stream' },
      206: { description: 'A part of the bytes.', mediaType: 'application/octet-stream' },
      304: { description: 'The client has them already.' },
    },
    problems: ['invalid_request', 'link_not_valid', 'file_expired', 'range_not_satisfiable'],
  })
  async download(
    @Param('id', id) fileId: string,
    @Query({ schema: linkQuery }) query: z.output<typeof linkQuery>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const file = await this.linked(fileId, query);
    await this.delivery.send(file, request, reply, { by: 'link' });
  }

  private async linked(fileId: string, query: z.output<typeof linkQuery>): Promise<File> {
    const file = await this.store.find(fileId);
    if (!file || !this.links.isGenuine(file, query))
      throw new Problem('link_not_valid', 'The link is not whole, or its file is gone.');
    if (query.expires * 1000 <= Date.now())
      throw new Problem('link_not_valid', 'The link has expired. Ask whoever gave it to you for a new one.');
    // Who may not come in any more gives nothing away any more.
    if (!(await this.users.userExists(file.owner)))
      throw new Problem('link_not_valid', 'The link does not work any more. Ask for the file somewhere else.');
    return refuseUnscanned(refuseGone(file));
  }
}
