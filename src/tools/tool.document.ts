import { z } from 'zod';
import { permissionsSchema } from '../plugins/plugin.manifest.js';
import type { Tool } from './tool.js';

const limitsSchema = z
  .object({
    total_ms: z.int().describe('Milliseconds that one run may take.'),
    idle_ms: z.int().describe('Milliseconds without progress after which a run counts as stalled.'),
    memory_mb: z.int().describe('MiB of memory of one run.'),
    retry_memory_mb: z.int().nullable().describe('MiB of one more try, when a run needed more; null: there is none.'),
    cpu_ms: z.int().describe('Milliseconds of processor time of one run.'),
    max_inputs: z.int().describe('Files per task.'),
    max_input_bytes: z.int().describe('Bytes of one input file.'),
    max_output_bytes: z.int().describe('Bytes of all outputs together.'),
    concurrency: z.int().describe('Runs at the same time in one worker.'),
  })
  .meta({ id: 'ToolLimits' });

export const toolSchema = z
  .object({
    name: z.string().describe('What a request names.'),
    title: z.string(),
    description: z.string(),
    category: z.string(),
    keywords: z.array(z.string()),
    version: z.string(),
    stage: z.enum(['alpha', 'beta', 'stable', 'deprecated']),
    input_formats: z.array(z.string()).describe('MIME patterns, matched against the detected type. Empty: no files.'),
    output_formats: z.array(z.string()).describe('MIME types of the outputs. Empty: the tool answers with data.'),
    options_schema: z.record(z.string(), z.unknown()).describe('JSON Schema, draft 2020-12.'),
    limits: limitsSchema,
    requires: z.array(z.string()).describe('Programs that must be on the machine of the workers.'),
    permissions: permissionsSchema,
    deterministic: z
      .boolean()
      .describe('Same bytes, options and version: same output. So results are cached, each for its owner.'),
    shareable: z.boolean().describe('Whether a cached result is given to other users, too.'),
    available: z.boolean(),
    unavailable_reason: z.string().nullable(),
    links: z.object({ self: z.string(), process: z.string() }),
  })
  .meta({ id: 'Tool' });

export type ToolDocument = z.output<typeof toolSchema>;

export function toolDocument(tool: Tool): ToolDocument {
  const { limits } = tool;
  const self = `/api/v1/tools/${tool.name}`;
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    category: tool.category,
    keywords: [...tool.keywords],
    version: tool.version,
    stage: tool.stage,
    input_formats: [...tool.inputFormats],
    output_formats: [...tool.outputFormats],
    options_schema: tool.optionsSchema,
    limits: {
      total_ms: limits.totalMs,
      idle_ms: limits.idleMs,
      memory_mb: limits.memoryMb,
      retry_memory_mb: limits.retryMemoryMb ?? null,
      cpu_ms: limits.cpuMs,
      max_inputs: limits.maxInputs,
      max_input_bytes: limits.maxInputBytes,
      max_output_bytes: limits.maxOutputBytes,
      concurrency: limits.concurrency,
    },
    requires: [...tool.requires],
    permissions: permissionsSchema.parse(tool.plugin.permissions),
    deterministic: tool.deterministic,
    shareable: tool.shareable,
    available: tool.unavailableReason === undefined,
    unavailable_reason: tool.unavailableReason ?? null,
    links: { self, process: `${self}/process` },
  };
}
