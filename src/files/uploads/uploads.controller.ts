import { Controller, Delete, Head, HttpCode, Options, Param, Patch, Post, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Needs } from '../../auth/access.decorators.js';
import { type Actor, CurrentActor } from '../../auth/actor.js';
import { Documented } from '../../http/documented.js';
import { Budget } from '../../limits/budget.js';
import { TusServer } from './tus.server.js';

const id = { schema: z.uuid() };
const text = { type: 'string' } as const;
const number = { type: 'integer', minimum: 0 } as const;
const bytes = { 'application/offset+octet-stream': { type: 'string', format: 'binary' } };

const Version = () => ApiHeader({ name: 'Tus-Resumable', required: true, schema: { ...text, enum: ['1.0.0'] } });
const Checksum = () =>
  ApiHeader({
    name: 'Upload-Checksum',
    required: false,
    schema: text,
    description: 'An algorithm and the digest of the body in Base64; a body that does not fit is thrown away.',
  });

/** Pieces come as slowly as the client sends them, and the last one is scanned, and perhaps read once more. */
const TakesItsTime = () => RouteConfig({ ownTime: true });

/** The faults of bytes that become a file. */
const FAULTS_OF_FILES = [
  'file_empty',
  'file_too_large',
  'file_type_mismatch',
  'file_infected',
  'file_encrypted',
  'file_too_large_to_scan',
  'scan_failed',
  'scan_unavailable',
  'storage_full',
  'storage_quota_exceeded',
] as const;

/** Uploads that come in pieces, as [tus 1.0](https://tus.io/protocols/resumable-upload) has it. */
@ApiTags('uploads')
@Controller('uploads')
export class UploadsController {
  constructor(private readonly tus: TusServer) {}

  @Options()
  @Needs('files:write')
  @HttpCode(204)
  @Documented({ summary: 'Ask what of tus is offered', answers: { 204: { description: 'See the header fields.' } } })
  async offer(
    @CurrentActor() actor: Actor,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.tus.answer(actor, request, reply);
    reply.header('tus-checksum-algorithm', this.tus.algorithms);
  }

  @Post()
  @Needs('files:write')
  @TakesItsTime()
  @Budget('create')
  @Version()
  @ApiHeader({ name: 'Upload-Length', required: true, schema: number, description: 'Bytes of the whole file.' })
  @ApiHeader({
    name: 'Upload-Metadata',
    required: false,
    schema: text,
    description: 'Names and values in Base64. `filename` becomes the name of the file.',
  })
  @Checksum()
  @Documented({
    summary: 'Begin an upload that can be resumed',
    description:
      'Location is where its pieces go. When the last byte is there it is a file, whose id is the last part of Location. A body of the type application/offset+octet-stream is the first piece.',
    answers: { 201: { description: 'It is begun.' } },
    problems: [
      'invalid_request',
      'upload_version_unknown',
      'upload_checksum_wrong',
      'quota_exceeded',
      ...FAULTS_OF_FILES,
    ],
  })
  async begin(
    @CurrentActor() actor: Actor,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.tus.answer(actor, request, reply);
  }

  @Head(':id')
  @Needs('files:write')
  @TakesItsTime()
  @Version()
  @Documented({
    summary: 'Ask how far an upload has come',
    description: 'Upload-Offset is where the next piece begins; when it is Upload-Length, the file is there.',
    answers: { 200: { description: 'See the header fields.' } },
    problems: ['upload_not_found', 'upload_expired', 'upload_version_unknown', 'upload_busy', ...FAULTS_OF_FILES],
  })
  async offset(
    @CurrentActor() actor: Actor,
    @Param('id', id) uploadId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.tus.answer(actor, request, reply, uploadId);
  }

  @Patch(':id')
  @Needs('files:write')
  @TakesItsTime()
  @Version()
  @ApiHeader({ name: 'Upload-Offset', required: true, schema: number, description: 'Where the piece begins.' })
  @Checksum()
  @Documented({
    summary: 'Send a piece',
    description: 'What arrived stays when the connection ends; the next piece begins there.',
    answers: { 204: { description: 'The piece is kept; Upload-Offset is where the next one begins.' } },
    problems: [
      'invalid_request',
      'unsupported_media_type',
      'upload_not_found',
      'upload_expired',
      'upload_offset_wrong',
      'upload_version_unknown',
      'upload_busy',
      'upload_checksum_wrong',
      ...FAULTS_OF_FILES,
    ],
    body: bytes,
  })
  async piece(
    @CurrentActor() actor: Actor,
    @Param('id', id) uploadId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.tus.answer(actor, request, reply, uploadId);
  }

  @Delete(':id')
  @Needs('files:write')
  @HttpCode(204)
  @Version()
  @Documented({
    summary: 'Give an upload up',
    description: 'Its bytes are removed; when it is a file already, the file is.',
    answers: { 204: { description: 'It is gone.' } },
    problems: ['upload_not_found', 'upload_expired', 'upload_version_unknown', 'upload_busy'],
  })
  async remove(
    @CurrentActor() actor: Actor,
    @Param('id', id) uploadId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.tus.answer(actor, request, reply, uploadId);
  }
}
