import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Documented } from '../../http/documented.js';
import { linkHeader, page, type PageQuery, pageQuery, pageSchema } from '../../http/page.js';
import { Needs } from '../access.decorators.js';
import { type Actor, CurrentActor } from '../actor.js';
import { PERMISSIONS } from '../role.js';
import { nameSchema } from '../users/user.document.js';
import { CurrentVisit, type Visit } from '../visit.js';
import { apiKeyDocument, apiKeySchema } from './api-key.document.js';
import { ApiKeys } from './api-keys.js';

const newKey = z
  .strictObject({
    name: nameSchema.describe('To tell it from others.'),
    scopes: z
      .array(z.enum(PERMISSIONS))
      .min(1)
      .optional()
      .describe('What it may do; without, everything that tasks need. Never more than you may.'),
    expires_at: z.iso
      .datetime({ offset: true })
      .transform((time) => new Date(time))
      .refine((time) => time > new Date(), { error: 'is not in the future' })
      .optional()
      .describe(
        'RFC 3339; without, it does not expire. A key that is made with another one expires no later than that.',
      ),
  })
  .meta({ id: 'NewApiKey' });

const givenKey = apiKeySchema.extend({ key: z.string().describe('Shown only now.') }).meta({ id: 'GivenApiKey' });
const keyPage = pageSchema(apiKeySchema).meta({ id: 'ApiKeyPage' });

@ApiTags('keys')
@Controller('keys')
@Needs('keys:manage')
export class KeysController {
  constructor(private readonly keys: ApiKeys) {}

  @Post()
  @Documented({
    summary: 'Make an API key',
    description: 'Send it as `Authorization: Bearer`, or as `X-API-Key`.',
    answers: { 201: { description: 'The key, shown only now.', schema: givenKey } },
    problems: ['invalid_request', 'not_allowed'],
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body({ schema: newKey }) { name, scopes, expires_at }: z.output<typeof newKey>,
    @CurrentVisit() visit: Visit,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.output<typeof givenKey>> {
    const { key, row } = await this.keys.create(actor, { name, scopes, expiresAt: expires_at ?? null }, visit);
    reply.header('cache-control', 'no-store');
    return { ...apiKeyDocument(row), key };
  }

  @Get()
  @Documented({
    summary: 'List your API keys, newest first',
    answers: { 200: { description: 'A page.', schema: keyPage } },
    problems: ['invalid_request', 'invalid_cursor'],
  })
  async list(
    @CurrentActor() actor: Actor,
    @Query({ schema: pageQuery }) { limit, cursor }: PageQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.output<typeof keyPage>> {
    const found = page(await this.keys.list(actor.id, limit + 1, cursor), limit);
    reply.headers(linkHeader(request.url, found.page.next_cursor));
    return { data: found.data.map(apiKeyDocument), page: found.page };
  }

  @Delete(':id')
  @HttpCode(204)
  @Documented({
    summary: 'Revoke an API key',
    answers: { 204: { description: 'It opens nothing any more, elsewhere after ten seconds.' } },
    problems: ['key_not_found'],
  })
  async revoke(
    @CurrentActor() actor: Actor,
    @Param('id', { schema: z.uuid() }) id: string,
    @CurrentVisit() visit: Visit,
  ): Promise<void> {
    await this.keys.revoke(actor.id, id, visit);
  }
}
