import { Controller, Delete, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Config } from '../../config/config.js';
import { Problem } from '../../errors/problem.js';
import { Documented } from '../../http/documented.js';
import { Needs } from '../access.decorators.js';
import { type Actor, CurrentActor } from '../actor.js';
import { CurrentVisit, type Visit } from '../visit.js';
import { clearCookies } from './session.cookies.js';
import { sessionDocument, sessionSchema } from './session.document.js';
import { Sessions } from './sessions.js';

const sessionList = z.object({ data: z.array(sessionSchema) }).meta({ id: 'SessionList' });

@ApiTags('auth')
@Controller('auth')
@Needs('account:manage')
export class SessionsController {
  constructor(
    private readonly sessions: Sessions,
    private readonly config: Config,
  ) {}

  @Post('logout')
  @HttpCode(204)
  @Documented({
    summary: 'End this session',
    answers: { 204: { description: 'It has ended.' } },
    problems: ['session_not_found'],
  })
  async logout(
    @CurrentActor() { id, credential }: Actor,
    @CurrentVisit() visit: Visit,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    if (credential.type !== 'session') throw new Problem('session_not_found', 'Who shows a key has no session.');
    await this.sessions.end(id, credential.id, visit, 'logout');
    clearCookies(reply, this.config.PUBLIC_URL?.startsWith('https:') ?? false);
  }

  @Post('logout-all')
  @HttpCode(204)
  @Documented({ summary: 'End all your sessions', answers: { 204: { description: 'They have ended.' } } })
  async logoutAll(
    @CurrentActor() { id }: Actor,
    @CurrentVisit() visit: Visit,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.sessions.logoutAll(id, visit);
    clearCookies(reply, this.config.PUBLIC_URL?.startsWith('https:') ?? false);
  }

  @Get('sessions')
  @Documented({
    summary: 'List your sessions, the last used first',
    answers: { 200: { description: 'Those that go on.', schema: sessionList } },
  })
  async list(@CurrentActor() { id, credential }: Actor): Promise<z.output<typeof sessionList>> {
    const sessions = await this.sessions.active(id);
    return { data: sessions.map((session) => sessionDocument(session, credential.id)) };
  }

  @Delete('sessions/:id')
  @HttpCode(204)
  @Documented({
    summary: 'End one of your sessions',
    answers: { 204: { description: 'It has ended, elsewhere after ten seconds.' } },
    problems: ['session_not_found'],
  })
  async end(
    @CurrentActor() { id }: Actor,
    @Param('id', { schema: z.uuid() }) sessionId: string,
    @CurrentVisit() visit: Visit,
  ): Promise<void> {
    await this.sessions.end(id, sessionId, visit, 'session_end');
  }
}
