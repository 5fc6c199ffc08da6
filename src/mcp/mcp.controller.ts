import { Readable } from 'node:stream';
import { Controller, Post, Req, Res, VERSION_NEUTRAL } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Needs } from '../auth/access.decorators.js';
import { type Actor, CurrentActor } from '../auth/actor.js';
import { Problem } from '../errors/problem.js';
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
      'Streamable HTTP without sessions: one message of JSON-RPC in, JSON-RPC or events out. Every tool can be called; a call needs the rights of the task that it creates.',
    answers: { 200: { description: 'The answer, as JSON-RPC.' } },
    problems: ['malformed_json', 'invalid_request'],
  })
  async answer(
    @CurrentActor() actor: Actor,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    refuseBatch(request.body);
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const { status, headers, body } = await this.mcp.answer(actor, request, gone.signal);
    reply.code(status).headers(Object.fromEntries(headers));
    await reply.send(body ? Readable.fromWeb(body) : undefined);
  }
}

/** Requests are counted, and so must be what they ask for; newer versions of the protocol have no batches. */
function refuseBatch(body: unknown): void {
  if (Array.isArray(body)) throw new Problem('invalid_request', 'Send one message at a time, not an array of them.');
}
