import { Logger } from '@nestjs/common';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  ListResourcesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  type ProgressToken,
  ReadResourceRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../auth/actor.js';
import { problemFrom } from '../errors/problem.from.js';
import { ToolRegistry } from '../tools/tool.registry.js';
import { McpFiles } from './mcp.files.js';
import { type Call, McpTasks } from './mcp.tasks.js';
import { mcpTool, taskTool } from './mcp.tool.js';

const IMPLEMENTATION = { name: 'toolyard', title: 'Toolyard', version: '1' };
const INSTRUCTIONS =
  'Each tool works on files. Give files by the file_id of an upload or of an earlier result, by their URL, or, when they are small, by their text or Base64. Results are links; reading one gives its bytes.';

/**
 * Speaks the Model Context Protocol, streamable HTTP, without sessions: each request stands for itself, so that any
 * process can answer any of them, and nothing is kept of a client.
 */
export class McpProtocol {
  private readonly logger = new Logger(McpProtocol.name);

  constructor(
    private readonly tools: ToolRegistry,
    private readonly tasks: McpTasks,
    private readonly files: McpFiles,
  ) {}

  /** @param gone aborts when the client has left */
  async answer(actor: Actor, request: FastifyRequest, gone: AbortSignal): Promise<Response> {
    const capabilities = { tools: {}, resources: {} };
    const server = new Server(IMPLEMENTATION, { capabilities, instructions: INSTRUCTIONS });
    this.offerTools(server, actor, request);
    this.offerResources(server, actor, request);
    const transport = new WebStandardStreamableHTTPServerTransport();
    await server.connect(transport);
    gone.addEventListener('abort', () => void server.close().catch(() => {}), { once: true });
    return transport.handleRequest(asWebRequest(request), { parsedBody: request.body });
  }

  private offerTools(server: Server, actor: Actor, request: FastifyRequest): void {
    server.setRequestHandler(ListToolsRequestSchema, () => ({
      tools: [...this.tools.usableTools().map(mcpTool), taskTool()],
    }));
    server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal, sendNotification }) => {
      const token = params._meta?.progressToken;
      const progress = async (ratio: number, message: string | null) => {
        if (token !== undefined) await sendNotification(progressOf(token, ratio, message));
      };
      const call: Call = { actor, request, signal, progress };
      return this.tasks.call(params.name, params.arguments, call).catch((error: unknown) => this.refusal(error));
    });
  }

  private offerResources(server: Server, actor: Actor, request: FastifyRequest): void {
    const refuse = (error: unknown) => {
      const { content } = this.refusal(error);
      const [words] = content;
      throw new McpError(ErrorCode.InvalidParams, words?.type === 'text' ? words.text : 'It was refused.');
    };
    server.setRequestHandler(ListResourcesRequestSchema, async () => ({
      resources: await this.files.list(actor, request).catch(refuse),
    }));
    server.setRequestHandler(ReadResourceRequestSchema, ({ params }) =>
      this.files.read(actor, params.uri, request).catch(refuse),
    );
  }

  /** A fault that the model may read and mend: a sentence and a code, as everywhere. */
  private refusal(error: unknown): CallToolResult {
    const problem = problemFrom(error);
    if (problem.status >= 500) this.logger.error({ err: problem.cause ?? problem, msg: problem.code });
    const { code, message, details, retryable } = problem;
    return {
      content: [{ type: 'text', text: `${message} (${code})` }],
      structuredContent: { error: { code, message, details, retryable } },
      isError: true,
    };
  }
}

function progressOf(progressToken: ProgressToken, progress: number, message: string | null) {
  const params = { progressToken, progress, total: 1, ...(message !== null && { message }) };
  return { method: 'notifications/progress' as const, params };
}

/** The body is parsed already; the library wants to see the rest. */
function asWebRequest({ method, headers, url }: FastifyRequest): Request {
  const fields = Object.entries(headers).filter(([name]) => /^(?:accept|content-type|mcp-[\w-]+)$/.test(name));
  return new Request(new URL(url, 'http://toolyard.invalid'), {
    method,
    headers: fields.map(([name, value]) => [name, String(value)] as [string, string]),
  });
}
