import { z } from 'zod';
import { errorSchema } from '../../errors/problem.document.js';
import { newTaskSchema } from '../task.submission.js';

export const planRequestSchema = newTaskSchema.meta({ id: 'PlanRequest' });

const estimateSchema = z.object({ p50: z.number(), p90: z.number() }).nullable();

export const planSchema = z
  .object({
    tool: z.object({ name: z.string(), version: z.string() }),
    accepted: z.boolean().describe('Whether such a task would be accepted now.'),
    refusals: z.array(errorSchema).describe('Everything for which it would be refused.'),
    input_bytes: z.int().describe('Of all inputs that are here and fit, together.'),
    options: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe('With their defaults, without what is secret; null when they do not fit.'),
    cached: z.boolean().describe('Whether the result is known: then nothing would run. Never with inputs by URL.'),
    estimate: z.object({
      run_seconds: estimateSchema.describe('How long the run itself would take. Null: nobody knows yet.'),
      eta_seconds: estimateSchema.describe('From now to the end, with what waits and runs. Null: nobody knows yet.'),
    }),
  })
  .meta({ id: 'Plan' });

export type Plan = z.output<typeof planSchema>;
