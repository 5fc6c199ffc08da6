import { Readable } from 'node:stream';
import { Controller, Post, Req, Res, VERSION_NEUTRAL } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Needs } from '../auth/access.decorators.js';
import { type Actor, CurrentActor } from '../auth/actor.js';
import { Documented } from '../http/documented.js';
import { Budget } from '../limits/budget.js';
import { McpServer } from './mcp.server.js';

@ApiTags('mcp')
@Controller({ path: 'mcp', version: VERSION_NEUTRAL })
export class McpController {
  constructor(private readonly mcp: McpServer) {}

  @Post()
  @Needs('tools:read')
  @Budget('create')
  // A call waits for its task, and may say nothing meanwhile.
  @RouteConfig({ ownTime: true })
  @Documented({
    summary: 'Speak the Model Context Protocol',
    description:
      'Streamable HTTP without sessions: JSON-RPC in, JSON-RPC or events out. Every tool can be called; a call needs the rights of the task that it creates.',
    answers: { 200: { description: 'The answer, as JSON-RPC.' } },
    problems: ['malformed_json'],
  })
  async answer(
    @CurrentActor() actor: Actor,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const { status, headers, body } = await this.mcp.answer(actor, request, gone.signal);
    reply.code(status).headers(Object.fromEntries(headers));
    await reply.send(body ? Readable.fromWeb(body) : undefined);
  }
}
