import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuditDetails } from '../auth/audit/audit.event.js';
import { AuditLog } from '../auth/audit/audit.log.js';
import { sourceOf } from '../auth/audit/audit.source.js';
import { Problem } from '../errors/problem.js';
import { planContent } from '../http/content.js';
import type { File } from './file.entity.js';
import { FilesService } from './files.service.js';

/** What of a file is needed to send it. */
export type Deliverable = Pick<File, 'id' | 'name' | 'type' | 'size' | 'sha256'>;

/** Sends stored bytes as HTTP wants them: whole, in part, or not at all when the client has them. */
@Injectable()
export class FileDelivery {
  constructor(
    private readonly files: FilesService,
    private readonly audit: AuditLog,
  ) {}

  /** @param details for the audit log, beside what it can see itself */
  async send(
    file: Deliverable,
    request: FastifyRequest,
    reply: FastifyReply,
    details: AuditDetails = {},
  ): Promise<void> {
    const { headers, method } = request;
    const plan = planContent(headers, file, method);
    if (plan.status === 416) {
      const message = `The file has ${file.size} bytes.`;
      throw new Problem('range_not_satisfiable', message, { headers: plan.headers });
    }
    reply.code(plan.status).headers(plan.headers);
    if (plan.status === 304) await reply.send();
    else if (method === 'HEAD') await reply.send(noBytes());
    else {
      const bytes = await this.files.read(file, plan.range);
      const part = plan.range && { start: plan.range.start, end: plan.range.end };
      this.noteDownload(`file:${file.id}`, request, { name: file.name, ...part, ...details });
      await reply.send(bytes);
    }
  }

  /** @param object `<kind>:<id>` */
  noteDownload(object: string, request: FastifyRequest, details: AuditDetails = {}): void {
    this.audit.note({ action: 'download', object, ...sourceOf(request), details });
  }
}

/** For HEAD: Fastify reads a stream to its end to throw it away, and without one it says that the length is 0. */
export function noBytes(): Readable {
  return Readable.from([]);
}
