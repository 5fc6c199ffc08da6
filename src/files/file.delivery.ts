import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../errors/problem.js';
import { planContent } from '../http/content.js';
import type { File } from './file.entity.js';
import { FilesService } from './files.service.js';

/** What of a file is needed to send it. */
export type Deliverable = Pick<File, 'id' | 'name' | 'type' | 'size' | 'sha256'>;

/** Sends stored bytes as HTTP wants them: whole, in part, or not at all when the client has them. */
@Injectable()
export class FileDelivery {
  constructor(private readonly files: FilesService) {}

  async send(file: Deliverable, { headers, method }: FastifyRequest, reply: FastifyReply): Promise<void> {
    const plan = planContent(headers, file, method);
    if (plan.status === 416) {
      const message = `The file has ${file.size} bytes.`;
      throw new Problem('range_not_satisfiable', message, { headers: plan.headers });
    }
    reply.code(plan.status).headers(plan.headers);
    if (plan.status === 304) await reply.send();
    else await reply.send(method === 'HEAD' ? noBytes() : await this.files.read(file, plan.range));
  }
}

/** For HEAD: Fastify reads a stream to its end to throw it away, and without one it says that the length is 0. */
export function noBytes(): Readable {
  return Readable.from([]);
}
