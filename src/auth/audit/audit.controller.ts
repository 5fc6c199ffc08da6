import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Documented } from '../../http/documented.js';
import { linkHeader, page, pageQuery, pageSchema } from '../../http/page.js';
import { Needs } from '../access.decorators.js';
import { auditEventDocument, auditEventSchema } from './audit.document.js';
import { AUDIT_ACTIONS } from './audit.event.js';
import { AuditStore } from './audit.store.js';

const text = z.string().min(1).max(200);
const time = z.iso.datetime({ offset: true }).transform((value) => new Date(value));
const listQuery = pageQuery.extend({
  action: z.enum(AUDIT_ACTIONS).optional(),
  actor: text.optional().describe('Id of a user.'),
  object: text.optional().describe('Such as `file:<id>`.'),
  since: time.optional().describe('RFC 3339.'),
  until: time.optional().describe('RFC 3339.'),
});
const auditPage = pageSchema(auditEventSchema).meta({ id: 'AuditPage' });

@ApiTags('audit')
@Controller('audit')
export class AuditController {
  constructor(private readonly store: AuditStore) {}

  @Get()
  @Needs('audit:read')
  @Documented({
    summary: 'List audit events, newest first',
    description: 'For admins. `toolyard audit verify` proves that none was changed.',
    answers: { 200: { description: 'A page.', schema: auditPage } },
    problems: ['invalid_request', 'invalid_cursor'],
  })
  async list(
    @Query({ schema: listQuery }) { limit, cursor, ...filter }: z.output<typeof listQuery>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.output<typeof auditPage>> {
    const found = page(await this.store.list(filter, limit + 1, cursor), limit);
    reply.headers(linkHeader(request.url, found.page.next_cursor));
    return { data: found.data.map(auditEventDocument), page: found.page };
  }
}
