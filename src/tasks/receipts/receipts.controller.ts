import { Controller, Get, Headers, Param, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Needs, Public } from '../../auth/access.decorators.js';
import { type Actor, CurrentActor } from '../../auth/actor.js';
import { sendDocument } from '../../http/document.js';
import { Documented } from '../../http/documented.js';
import { TaskAccess } from '../task.access.js';
import { signedReceiptSchema } from './receipt.document.js';
import { publicKeysSchema } from './receipt.key.js';
import { ReceiptsService } from './receipts.service.js';

@ApiTags('receipts')
@Controller()
export class ReceiptsController {
  constructor(
    private readonly access: TaskAccess,
    private readonly receipts: ReceiptsService,
  ) {}

  @Get('tasks/:id/receipt')
  @Needs('tasks:read')
  @Documented({
    summary: 'Prove what was made of what',
    description:
      'The hashes of inputs, outputs and data, the tool with its version and content, options, times and limits, signed. ' +
      '`toolyard receipt verify` checks it.',
    answers: {
      200: { description: 'The receipt.', schema: signedReceiptSchema },
      304: { description: 'Nothing has changed.' },
    },
    problems: ['task_not_found', 'task_not_finished', 'result_expired'],
  })
  async find(
    @CurrentActor() actor: Actor,
    @Param('id', { schema: z.uuid() }) id: string,
    @Headers('if-none-match') known: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await sendDocument(reply, this.receipts.of(await this.access.read(actor, id)), known);
  }

  @Get('receipts/keys')
  @Public()
  @Documented({
    summary: 'Get the public key of receipts',
    description: 'As a JSON Web Key Set (RFC 7517). Keep it: receipts can be checked with it when the server is gone.',
    answers: { 200: { description: 'The key.', schema: publicKeysSchema } },
  })
  keys(): z.output<typeof publicKeysSchema> {
    return { keys: this.receipts.publicKeys() };
  }
}
