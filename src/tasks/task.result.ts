import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../errors/problem.js';
import { FileDelivery, noBytes } from '../files/file.delivery.js';
import { FilesService } from '../files/files.service.js';
import { contentDisposition } from '../http/content.js';
import type { Task, TaskFile } from './task.entity.js';
import { zipOf } from './task.zip.js';
import { notFinished } from './tasks.service.js';

/** What a finished task answered: one file as it is, several as a zip, data as JSON. */
@Injectable()
export class TaskResult {
  constructor(
    private readonly files: FilesService,
    private readonly delivery: FileDelivery,
  ) {}

  async send(task: Task, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    refuseWithoutResult(task);
    const [output, ...more] = task.outputs;
    if (!output) await this.sendData(task, request, reply);
    else if (more.length === 0)
      await this.delivery.send({ ...output, id: output.file_id }, request, reply, { task: task.id });
    else await this.sendZip(task, request, reply);
  }

  private async sendZip({ id, outputs }: Task, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const open = ({ file_id }: TaskFile) => this.files.read({ id: file_id });
    reply.headers({
      'content-type': 'application/zip',
      'content-disposition': contentDisposition(`${id}.zip`),
      'cache-control': 'private, no-cache',
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'same-origin',
    });
    if (request.method === 'HEAD') return void (await reply.send(noBytes()));
    this.delivery.noteDownload(`task:${id}`, request);
    await reply.send(zipOf(outputs, open));
  }

  private async sendData({ id, data }: Task, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    reply.headers({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'private, no-cache' });
    if (request.method !== 'HEAD') this.delivery.noteDownload(`task:${id}`, request);
    await reply.send(JSON.stringify(data ?? null));
  }
}

function refuseWithoutResult(task: Task): void {
  switch (task.status) {
    case 'pending':
    case 'processing':
      throw notFinished(task, 'Ask again when its status is completed.');
    case 'failed':
    case 'cancelled':
      throw new Problem(
        'task_has_no_result',
        `The task has ${task.status === 'failed' ? 'failed' : 'been cancelled'}, so there is no result.`,
      );
    case 'completed':
      if (task.purgedAt || (task.expiresAt && task.expiresAt < new Date()))
        throw new Problem('result_expired', `The result of the task ${task.id} has expired.`);
      return;
    default:
      task.status satisfies never;
  }
}
