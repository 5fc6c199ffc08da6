import type { Tool as McpTool } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { webhookUrlSchema } from '../tasks/webhooks/webhook.document.js';
import { takesFiles, type Tool } from '../tools/tool.js';

/** Asks for a task again. Names of tools have no underscore, so none is called like this. */
export const TASK_TOOL = 'toolyard_task';

/** A file: one that is there already, one that is somewhere else, or a small one in the call itself. */
export const inputSchema = z.union([
  z.strictObject({ file_id: z.uuid().describe('Of a file that is uploaded already, or that another tool made.') }),
  z.strictObject({ url: webhookUrlSchema.describe('Where the file is: http or https, on the public internet.') }),
  z.strictObject({ name: z.string().max(255), text: z.string().describe('A small text, as it is.') }),
  z.strictObject({ name: z.string().max(255), base64: z.base64().describe('A few bytes, in Base64.') }),
]);

export type McpInput = z.output<typeof inputSchema>;

/** What a call of any tool carries. */
export const callSchema = z.strictObject({
  files: z.array(inputSchema).max(1_000).default([]),
  options: z.record(z.string(), z.unknown()).default({}),
});

export const taskCallSchema = z.strictObject({ task_id: z.uuid().describe('Of the task that was not finished.') });

/** A tool, as the protocol describes it. */
export function mcpTool(tool: Tool): McpTool {
  const { $schema: _, ...options } = tool.optionsSchema;
  const needsOptions = Array.isArray(options['required']) && options['required'].length > 0;
  const required = [...(takesFiles(tool) ? ['files'] : []), ...(needsOptions ? ['options'] : [])];
  return {
    name: tool.name,
    title: tool.title,
    description: takesFiles(tool) ? `${tool.description} Takes ${tool.inputFormats.join(', ')}.` : tool.description,
    inputSchema: {
      type: 'object',
      properties: { ...(takesFiles(tool) && { files: filesSchema(tool) }), options },
      required,
      additionalProperties: false,
    },
    annotations: {
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: tool.deterministic,
      openWorldHint: false,
    },
  };
}

export function taskTool(): McpTool {
  const { $schema: _, ...schema } = z.toJSONSchema(taskCallSchema, { io: 'input' });
  return {
    name: TASK_TOOL,
    title: 'Wait for a task',
    description: 'Waits for a task that was not finished when its tool was called, and answers with its result.',
    inputSchema: { ...schema, type: 'object', properties: { task_id: { type: 'string', format: 'uuid' } } },
    annotations: { readOnlyHint: true },
  };
}

function filesSchema({ limits }: Tool): object {
  const { $schema: _, ...items } = z.toJSONSchema(inputSchema, { io: 'input' });
  return { type: 'array', items, minItems: 1, maxItems: limits.maxInputs };
}
