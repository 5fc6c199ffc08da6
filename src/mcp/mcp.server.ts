import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../auth/actor.js';
import { ToolRegistry } from '../tools/tool.registry.js';
import { McpFiles } from './mcp.files.js';
import type { McpProtocol } from './mcp.protocol.js';
import { McpTasks } from './mcp.tasks.js';

/** Answers whoever speaks the Model Context Protocol. */
@Injectable()
export class McpServer {
  private protocol: Promise<McpProtocol> | undefined;

  constructor(
    private readonly tools: ToolRegistry,
    private readonly tasks: McpTasks,
    private readonly files: McpFiles,
  ) {}

  /** @param gone aborts when the client has left */
  async answer(actor: Actor, request: FastifyRequest, gone: AbortSignal): Promise<Response> {
    this.protocol ??= this.load();
    return (await this.protocol).answer(actor, request, gone);
  }

  /** Loading the library takes a twentieth of the time to start, and whoever has no such clients need not wait for it. */
  private async load(): Promise<McpProtocol> {
    const { McpProtocol } = await import('./mcp.protocol.js');
    return new McpProtocol(this.tools, this.tasks, this.files);
  }
}
