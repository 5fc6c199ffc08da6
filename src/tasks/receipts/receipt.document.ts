import { hash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../canonical.json.js';
import type { Task, TaskFile } from '../task.entity.js';
import { TERMINAL_STATUSES } from '../task.status.js';

const time = z.iso.datetime();
const file = z.object({
  name: z.string(),
  type: z.string(),
  size: z.int().describe('Bytes.'),
  sha256: z.string(),
});
const limits = z.object({
  total_ms: z.int(),
  idle_ms: z.int(),
  cpu_ms: z.int(),
  memory_mb: z.int(),
  max_output_bytes: z.int(),
});

export const receiptSchema = z
  .object({
    type: z.literal('toolyard.receipt.v1'),
    task_id: z.uuid(),
    tool: z.object({
      name: z.string(),
      version: z.string(),
      content_sha256: z.string().nullable().describe('Of the plugin that ran; null when none did.'),
    }),
    status: z.enum(TERMINAL_STATUSES),
    error_code: z.string().nullable(),
    options: z.record(z.string(), z.unknown()),
    inputs: z.array(file),
    outputs: z.array(file),
    data_sha256: z.string().nullable().describe('Of the data as canonical JSON (RFC 8785); null when there is none.'),
    attempt: z.int(),
    created_at: time,
    started_at: time.nullable(),
    finished_at: time.nullable(),
    limits: limits.nullable().describe('What the run was allowed; null when none was.'),
    usage: z.object({ wall_ms: z.number(), cpu_ms: z.number(), max_rss_bytes: z.number() }).nullable(),
    cache_hit: z.boolean(),
    retry_of: z.uuid().nullable(),
  })
  .meta({ id: 'Receipt' });

export type Receipt = z.output<typeof receiptSchema>;

export const signedReceiptSchema = z
  .object({
    receipt: receiptSchema,
    signature: z.object({
      algorithm: z.literal('Ed25519'),
      key_id: z.string().describe('Thumbprint of the public key (RFC 7638).'),
      value: z.string().describe('Over the receipt as canonical JSON (RFC 8785); base64url.'),
    }),
  })
  .meta({ id: 'SignedReceipt' });

export type SignedReceipt = z.output<typeof signedReceiptSchema>;

/** @param task finished, and with its result still there */
export function receiptOf(task: Task): Receipt {
  return {
    type: 'toolyard.receipt.v1',
    task_id: task.id,
    tool: { name: task.tool, version: task.toolVersion, content_sha256: task.toolHash ?? null },
    status: z.enum(TERMINAL_STATUSES).parse(task.status),
    error_code: task.error?.code ?? null,
    options: task.options,
    inputs: task.inputs.map(told),
    outputs: task.outputs.map(told),
    data_sha256: dataHash(task.data),
    attempt: task.attempt,
    created_at: task.createdAt.toISOString(),
    started_at: task.startedAt?.toISOString() ?? null,
    finished_at: task.finishedAt?.toISOString() ?? null,
    limits: task.limits ?? null,
    usage: task.usage ?? null,
    cache_hit: task.cacheHit,
    retry_of: task.retryOf ?? null,
  };
}

/** @param data as it is kept; null or undefined: there is none */
export function dataHash(data: unknown): string | null {
  return data === null || data === undefined ? null : hash('sha256', canonicalJson(data));
}

function told({ name, type, size, sha256 }: TaskFile) {
  return { name, type, size, sha256 };
}
