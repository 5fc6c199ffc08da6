import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../../auth/actor.js';
import { noBytes } from '../../files/file.delivery.js';
import { TaskAccess, type TaskScope } from '../task.access.js';
import { taskDocument } from '../task.document.js';
import type { Task } from '../task.entity.js';
import { csvHeader, csvLine } from './task.csv.js';

export const EXPORT_FORMATS = ['csv', 'ndjson'] as const;

type Format = (typeof EXPORT_FORMATS)[number];

const TYPES: Readonly<Record<Format, string>> = { csv: 'text/csv; charset=utf-8', ndjson: 'application/x-ndjson' };

/** Rows that are in memory at a time. */
const PAGE = 200;

/** A whole list as one download. Rows are read as fast as the client takes them, so no list is too long. */
@Injectable()
export class TaskExport {
  constructor(private readonly access: TaskAccess) {}

  async send(
    actor: Actor,
    scope: TaskScope,
    format: Format,
    { method }: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const first = await this.access.list(actor, scope, PAGE);
    reply.headers({
      'content-type': TYPES[format],
      'content-disposition': `attachment; filename="tasks.${format}"`,
      'cache-control': 'private, no-cache',
      'content-security-policy': "default-src 'none'; sandbox",
    });
    const text = method === 'HEAD' ? noBytes() : Readable.from(this.text(actor, scope, format, first));
    await reply.send(text);
  }

  private async *text(actor: Actor, scope: TaskScope, format: Format, first: Task[]): AsyncGenerator<string> {
    if (format === 'csv') yield csvHeader();
    for (let page = first; page.length > 0; page = await this.next(actor, scope, page)) {
      yield page.map((task) => lineOf(task, format)).join('');
    }
  }

  private async next(actor: Actor, scope: TaskScope, page: readonly Task[]): Promise<Task[]> {
    return page.length < PAGE ? [] : this.access.list(actor, scope, PAGE, page.at(-1)?.id);
  }
}

function lineOf(task: Task, format: Format): string {
  const document = taskDocument(task);
  return format === 'csv' ? csvLine(document) : `${JSON.stringify(document)}\n`;
}
