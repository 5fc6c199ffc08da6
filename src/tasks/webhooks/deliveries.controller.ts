import { Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Needs } from '../../auth/access.decorators.js';
import { type Actor, CurrentActor } from '../../auth/actor.js';
import { Problem } from '../../errors/problem.js';
import { Documented } from '../../http/documented.js';
import { linkHeader, page, pageQuery, pageSchema } from '../../http/page.js';
import { Creates } from '../../idempotency/creates.decorator.js';
import { type DeliveryDocument, deliveryDocument, deliverySchema } from './delivery.document.js';
import { DELIVERY_STATUSES } from './delivery.entity.js';
import { DeliveryStore } from './delivery.store.js';
import { WebhooksService } from './webhooks.service.js';

const id = { schema: z.uuid() };
const listQuery = pageQuery.extend({ status: z.enum(DELIVERY_STATUSES).optional() });
const deliveryPage = pageSchema(deliverySchema).meta({ id: 'DeliveryPage' });

/** What was sent to a webhook, and what came of it. */
@ApiTags('webhooks')
@Controller('webhooks/:id/deliveries')
@Needs('webhooks:manage')
export class DeliveriesController {
  constructor(
    private readonly webhooks: WebhooksService,
    private readonly deliveries: DeliveryStore,
  ) {}

  @Get()
  @Documented({
    summary: 'List what was sent to a webhook, the newest tasks first',
    description: 'Kept for seven days after it is over.',
    answers: { 200: { description: 'A page.', schema: deliveryPage } },
    problems: ['invalid_request', 'invalid_cursor', 'webhook_not_found'],
  })
  async list(
    @CurrentActor() actor: Actor,
    @Param('id', id) webhookId: string,
    @Query({ schema: listQuery }) { limit, cursor, status }: z.output<typeof listQuery>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.output<typeof deliveryPage>> {
    await this.webhooks.find(actor, webhookId);
    const rows = await this.deliveries.list(webhookId, status, limit + 1, cursor);
    const found = page(
      rows.map((delivery) => ({ id: delivery.taskId, delivery })),
      limit,
    );
    reply.headers(linkHeader(request.url, found.page.next_cursor));
    return { data: found.data.map(({ delivery }) => deliveryDocument(delivery)), page: found.page };
  }

  @Get(':task_id')
  @Documented({
    summary: 'Describe what was sent of one task',
    answers: { 200: { description: 'The delivery.', schema: deliverySchema } },
    problems: ['webhook_not_found', 'delivery_not_found'],
  })
  async find(
    @CurrentActor() actor: Actor,
    @Param('id', id) webhookId: string,
    @Param('task_id', id) taskId: string,
  ): Promise<DeliveryDocument> {
    await this.webhooks.find(actor, webhookId);
    const delivery = await this.deliveries.find(webhookId, taskId);
    if (delivery) return deliveryDocument(delivery);
    throw notFound(taskId);
  }

  @Post(':task_id/redeliver')
  @HttpCode(202)
  @Creates()
  @Documented({
    summary: 'Send it again',
    description: 'The same message, with the same id, whatever came of it before.',
    answers: { 202: { description: 'It is sent soon.', schema: deliverySchema } },
    problems: [
      'webhook_not_found',
      'delivery_not_found',
      'webhook_disabled',
      'idempotency_in_progress',
      'idempotency_key_reused',
    ],
  })
  async redeliver(
    @CurrentActor() actor: Actor,
    @Param('id', id) webhookId: string,
    @Param('task_id', id) taskId: string,
  ): Promise<DeliveryDocument> {
    const { disabledAt } = await this.webhooks.find(actor, webhookId);
    if (disabledAt) throw new Problem('webhook_disabled', 'The webhook is disabled. Enable it first.');
    if (!(await this.deliveries.again(webhookId, taskId))) throw notFound(taskId);
    return this.find(actor, webhookId, taskId);
  }
}

function notFound(taskId: string): Problem {
  return new Problem('delivery_not_found', `Nothing was sent of a task ${taskId} to this webhook.`);
}
