import { z } from 'zod';

/** A file in `fixtures/`, by its path there. */
const fixture = z
  .string()
  .max(255)
  .regex(/^(?!\.)[^/\\\0]+(\/(?!\.)[^/\\\0]+)*$/, 'must be the name of a file in fixtures/');

const sentence = z.string().trim().min(1).max(200);
const amount = z.int().nonnegative();

const inputSchema = z
  .union(
    [
      fixture.transform((file) => ({ file })),
      z.strictObject({ file: fixture, name: z.string().max(10_000).optional() }),
    ],
    'must be the name of a file in fixtures/, or {file, name}',
  )
  .transform(({ file, name = file.split('/').at(-1) ?? file }: { file: string; name?: string | undefined }) => ({
    file,
    name,
  }));

/** What an output must be. Each word is looked at by itself, so that the report says which of them does not hold. */
const outputSchema = z.strictObject({
  name: z.string().optional(),
  type: z.string().optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')
    .optional(),
  bytes: z.strictObject({ min: amount.optional(), max: amount.optional() }).optional(),
  contains: z.union([z.string().transform((text) => [text]), z.array(z.string()).min(1)]).optional(),
  same_as: fixture.optional(),
  json: z.unknown().optional(),
  csv: z.strictObject({ rows: amount.optional(), columns: z.array(z.string()).optional() }).optional(),
  image: z.strictObject({ width: amount.optional(), height: amount.optional(), frames: amount.optional() }).optional(),
  pixels: z.strictObject({ like: fixture, difference: z.number().min(0).max(1) }).optional(),
  pages: amount.optional(),
});

const expectSchema = z
  .strictObject({
    status: z.enum(['completed', 'failed']).optional(),
    error: z.string().optional(),
    message: z.string().optional(),
    data: z.unknown().optional(),
    outputs: z.array(outputSchema).max(1_000).optional(),
  })
  .refine(({ status, error }) => status !== 'completed' || error === undefined, {
    path: ['error'],
    error: 'A run that completes has no error',
  })
  .transform((wanted) => ({
    ...wanted,
    status: wanted.status ?? (wanted.error === undefined && wanted.message === undefined ? 'completed' : 'failed'),
  }));

const caseSchema = z.strictObject({
  /** A sentence, unique in its file. */
  name: sentence,
  inputs: z.array(inputSchema).max(1_000).default([]),
  options: z.record(z.string(), z.unknown()).default({}),
  expect: expectSchema.prefault({}),
  /** Programs without which the case is skipped. */
  requires: z.array(z.string().min(1).max(64)).max(20).default([]),
});

/** `<tool>.cases.yaml`: what a tool makes of some inputs. Unknown words are faults, because they expect nothing. */
export const casesSchema = z.strictObject({ cases: z.array(caseSchema).max(1_000) });

export type Case = z.output<typeof caseSchema>;
export type Expectation = z.output<typeof expectSchema>;
export type OutputExpectation = z.output<typeof outputSchema>;
