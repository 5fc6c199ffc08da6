import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Needs } from '../../auth/access.decorators.js';
import { type Actor, CurrentActor } from '../../auth/actor.js';
import { CurrentVisit, type Visit } from '../../auth/visit.js';
import { Documented } from '../../http/documented.js';
import { linkHeader, page, type PageQuery, pageQuery, pageSchema } from '../../http/page.js';
import {
  type GivenWebhook,
  givenWebhookSchema,
  type NewWebhook,
  newWebhookSchema,
  type WebhookChange,
  webhookChangeSchema,
  type WebhookDocument,
  webhookDocument,
  webhookSchema,
} from './webhook.document.js';
import { WebhooksService, type WithSecret } from './webhooks.service.js';

const id = { schema: z.uuid() };
const webhookPage = pageSchema(webhookSchema).meta({ id: 'WebhookPage' });

/** Where users want to hear of the ends of their tasks. */
@ApiTags('webhooks')
@Controller('webhooks')
@Needs('webhooks:manage')
export class WebhooksController {
  constructor(private readonly webhooks: WebhooksService) {}

  @Post()
  @Documented({
    summary: 'Make a webhook',
    description: 'It hears of every task of yours that ends. docs/webhooks.md tells how to check the signatures.',
    answers: { 201: { description: 'The webhook, with its secret, shown only now.', schema: givenWebhookSchema } },
    problems: ['invalid_request', 'address_not_allowed', 'too_many_webhooks', 'callbacks_exist'],
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body({ schema: newWebhookSchema }) wanted: NewWebhook,
    @CurrentVisit() visit: Visit,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<GivenWebhook> {
    const given = await this.webhooks.create(actor, wanted, visit);
    reply.header('location', `/api/v1/webhooks/${given.webhook.id}`);
    return shown(given, reply);
  }

  @Get()
  @Documented({
    summary: 'List your webhooks, newest first',
    answers: { 200: { description: 'A page.', schema: webhookPage } },
    problems: ['invalid_request', 'invalid_cursor'],
  })
  async list(
    @CurrentActor() actor: Actor,
    @Query({ schema: pageQuery }) { limit, cursor }: PageQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.output<typeof webhookPage>> {
    const found = page(await this.webhooks.list(actor, limit + 1, cursor), limit);
    reply.headers(linkHeader(request.url, found.page.next_cursor));
    return { data: found.data.map(webhookDocument), page: found.page };
  }

  @Get(':id')
  @Documented({
    summary: 'Describe a webhook',
    answers: { 200: { description: 'The webhook.', schema: webhookSchema } },
    problems: ['webhook_not_found'],
  })
  async find(@CurrentActor() actor: Actor, @Param('id', id) webhookId: string): Promise<WebhookDocument> {
    return webhookDocument(await this.webhooks.find(actor, webhookId));
  }

  @Patch(':id')
  @Documented({
    summary: 'Change a webhook',
    answers: { 200: { description: 'The webhook.', schema: webhookSchema } },
    problems: ['invalid_request', 'webhook_not_found', 'address_not_allowed'],
  })
  async change(
    @CurrentActor() actor: Actor,
    @Param('id', id) webhookId: string,
    @Body({ schema: webhookChangeSchema }) change: WebhookChange,
    @CurrentVisit() visit: Visit,
  ): Promise<WebhookDocument> {
    return webhookDocument(await this.webhooks.change(actor, webhookId, change, visit));
  }

  @Post(':id/secret')
  @Documented({
    summary: 'Give a webhook a new secret',
    description: 'For a day everything is signed with both, so that receivers can be changed meanwhile.',
    answers: { 201: { description: 'The webhook, with its secret, shown only now.', schema: givenWebhookSchema } },
    problems: ['webhook_not_found'],
  })
  async rotate(
    @CurrentActor() actor: Actor,
    @Param('id', id) webhookId: string,
    @CurrentVisit() visit: Visit,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<GivenWebhook> {
    return shown(await this.webhooks.rotate(actor, webhookId, visit), reply);
  }

  @Delete(':id')
  @HttpCode(204)
  @Documented({
    summary: 'Remove a webhook and the log of its deliveries',
    answers: { 204: { description: 'Nothing is sent any more.' } },
    problems: ['webhook_not_found'],
  })
  async remove(
    @CurrentActor() actor: Actor,
    @Param('id', id) webhookId: string,
    @CurrentVisit() visit: Visit,
  ): Promise<void> {
    await this.webhooks.remove(actor, webhookId, visit);
  }
}

function shown({ webhook, secret }: WithSecret, reply: FastifyReply): GivenWebhook {
  reply.header('cache-control', 'no-store');
  return { ...webhookDocument(webhook), secret };
}
