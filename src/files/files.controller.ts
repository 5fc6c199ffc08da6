import { Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Needs } from '../auth/access.decorators.js';
import { type Actor, CurrentActor } from '../auth/actor.js';
import { Documented } from '../http/documented.js';
import { linkHeader, page, pageQuery, pageSchema } from '../http/page.js';
import { Creates } from '../idempotency/creates.decorator.js';
import { FileAccess } from './file.access.js';
import { FileDelivery } from './file.delivery.js';
import { type FileDocument, fileDocument, filePath, fileSchema } from './file.document.js';
import { FileUploads } from './file.uploads.js';

const id = { schema: z.uuid() };
const fileList = z.object({ data: z.array(fileSchema) }).meta({ id: 'FileList' });
const listQuery = pageQuery.extend({
  shared: z.stringbool().optional().describe('Files of others that are shared with you, instead of your own.'),
  owner: z.string().min(1).max(200).optional().describe('For admins: files of this user, instead of your own.'),
});
const filePage = pageSchema(fileSchema).meta({ id: 'FilePage' });

const binary = { type: 'string', format: 'binary' };
const UPLOAD_BODY = {
  'multipart/form-data': { type: 'object', properties: { file: { type: 'array', items: binary } }, required: ['file'] },
  'application/octet-stream': binary,
};

@ApiTags('files')
@Controller('files')
export class FilesController {
  constructor(
    private readonly access: FileAccess,
    private readonly uploads: FileUploads,
    private readonly delivery: FileDelivery,
  ) {}

  @Post()
  @Needs('files:write')
  @RouteConfig({ rawUpload: true })
  @Creates()
  @Documented({
    summary: 'Upload files',
    description: 'A form with one or more files, or one file as the body. Names and types are found out, not believed.',
    answers: { 201: { description: 'All files are stored.', schema: fileList } },
    problems: [
      'malformed_multipart',
      'invalid_request',
      'body_too_large',
      'file_too_large',
      'file_type_mismatch',
      'file_empty',
      'file_missing',
      'too_many_files',
      'file_infected',
      'file_encrypted',
      'file_too_large_to_scan',
      'scan_failed',
      'scan_unavailable',
      'storage_full',
      'storage_quota_exceeded',
      'idempotency_in_progress',
      'idempotency_key_reused',
    ],
    body: UPLOAD_BODY,
  })
  async upload(
    @CurrentActor() actor: Actor,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.output<typeof fileList>> {
    const files = await this.uploads.receive(actor, request);
    const [first] = files;
    if (files.length === 1 && first) reply.header('location', filePath(first.id));
    return { data: files.map(fileDocument) };
  }

  @Get()
  @Needs('files:read')
  @Documented({
    summary: 'List files, newest first',
    answers: { 200: { description: 'A page.', schema: filePage } },
    problems: ['invalid_request', 'invalid_cursor', 'not_allowed'],
  })
  async list(
    @CurrentActor() actor: Actor,
    @Query({ schema: listQuery }) { limit, cursor, ...scope }: z.output<typeof listQuery>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.output<typeof filePage>> {
    const found = page(await this.access.list(actor, scope, limit + 1, cursor), limit);
    reply.headers(linkHeader(request.url, found.page.next_cursor));
    return { data: found.data.map(fileDocument), page: found.page };
  }

  @Get(':id')
  @Needs('files:read')
  @Documented({
    summary: 'Describe a file',
    answers: { 200: { description: 'The file.', schema: fileSchema } },
    problems: ['file_not_found', 'file_expired', 'file_removed'],
  })
  async find(@CurrentActor() actor: Actor, @Param('id', id) fileId: string): Promise<FileDocument> {
    return fileDocument(await this.access.read(actor, fileId));
  }

  @Get(':id/content')
  @Needs('files:read')
  @Documented({
    summary: 'Download a file',
    description: 'Knows Range, If-Range and If-None-Match; the ETag is the SHA-256 of the bytes.',
    answers: {
      200: { description: 'The bytes.', mediaType: 'application/octet-stream' },
      206: { description: 'A part of the bytes.', mediaType: 'application/octet-stream' },
      304: { description: 'The client has them already.' },
    },
    problems: ['file_not_found', 'file_expired', 'file_removed', 'file_not_scanned', 'range_not_satisfiable'],
  })
  async content(
    @CurrentActor() actor: Actor,
    @Param('id', id) fileId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.delivery.send(await this.access.usable(actor, fileId), request, reply);
  }

  @Delete(':id')
  @Needs('files:write')
  @HttpCode(204)
  @Documented({
    summary: 'Remove a file',
    answers: { 204: { description: 'It is gone.' } },
    problems: ['not_allowed', 'file_not_found', 'file_expired', 'file_removed'],
  })
  async remove(
    @CurrentActor() actor: Actor,
    @Param('id', id) fileId: string,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    await this.access.remove(actor, fileId, request);
  }
}
