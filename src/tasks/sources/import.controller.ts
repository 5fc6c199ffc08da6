import { randomUUIDv7 } from 'node:crypto';
import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { Needs } from '../../auth/access.decorators.js';
import { type Actor, CurrentActor } from '../../auth/actor.js';
import { Documented } from '../../http/documented.js';
import { Creates } from '../../idempotency/creates.decorator.js';
import { tagSchema, USUAL_PRIORITY } from '../task.acceptance.js';
import { type TaskDocument, taskSchema } from '../task.document.js';
import { accepted, TaskCreation } from '../task.creation.js';
import { FILE_IMPORT } from './built-in.js';
import { sourceSchema } from './source.js';
import { TaskSources } from './task.sources.js';

const newImport = sourceSchema.extend({ tag: tagSchema.nullable().default(null) }).meta({ id: 'NewImport' });

/** Files that are somewhere else. The route lives beside the tasks, because the files know nothing of them. */
@ApiTags('files')
@Controller('files')
export class ImportController {
  constructor(
    private readonly creation: TaskCreation,
    private readonly sources: TaskSources,
  ) {}

  @Post('import')
  @Needs('files:write')
  @HttpCode(202)
  @Creates()
  @Documented({
    summary: 'Import a file by URL',
    description:
      'The answer is a task; its output is the file. Only the public internet is reached, unless the operator allows more.',
    answers: { 202: { description: 'The task exists and waits.', schema: taskSchema } },
    problems: [
      'malformed_json',
      'invalid_request',
      'address_not_allowed',
      'queue_full',
      'storage_quota_exceeded',
      'quota_exceeded',
      'idempotency_in_progress',
      'idempotency_key_reused',
    ],
  })
  async start(
    @CurrentActor() actor: Actor,
    @Body({ schema: newImport }) { url, headers, tag }: z.output<typeof newImport>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TaskDocument> {
    await this.creation.refuseWithoutRoom(actor);
    const id = randomUUIDv7();
    const wanted = {
      id,
      inputs: [],
      sources: this.sources.seal(id, [{ url, headers, position: 0 }]),
      options: { url: withoutQuery(url) },
      tag,
      callbackUrl: null,
      priority: USUAL_PRIORITY,
    };
    const task = await this.creation.create(actor, FILE_IMPORT, wanted, request);
    const answer = accepted(task);
    reply.headers(answer.headers);
    return answer.body;
  }
}

/** For people, to tell tasks apart; what follows the question mark is often a credential. */
function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
