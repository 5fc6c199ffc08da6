import { z } from 'zod';

const words = (length: number) => z.string().trim().min(1).max(length);
const kebabCase = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be kebab-case, such as image-resize');
const mediaType = (pattern: RegExp) => z.string().max(127).regex(pattern, 'must be a MIME type, such as image/png');
const positive = z.int().positive();

const limits = z
  .strictObject({
    totalMs: positive,
    idleMs: positive,
    memoryMb: positive,
    retryMemoryMb: positive.optional(),
    cpuMs: positive,
    maxInputs: z.int().nonnegative(),
    maxInputBytes: positive,
    maxOutputBytes: positive,
    concurrency: positive,
  })
  .refine(({ memoryMb, retryMemoryMb = Infinity }) => retryMemoryMb > memoryMb, {
    path: ['retryMemoryMb'],
    error: 'must be more than memoryMb',
  });

/** Where the work of a tool is done, when it is not done by its plugin. */
const serviceSchema = z.object({
  url: z.url({ protocol: /^https?$/ }).max(500),
  /** Name of the variable whose value it is shown as a bearer token. */
  secret: z
    .string()
    .regex(/^\w{1,64}$/)
    .optional(),
});

export type ToolService = z.output<typeof serviceSchema>;

/** What a tool says of itself, complete: what it left out has its default. */
export const toolDescriptionSchema = z.object({
  /** Name of its file in the plugin's directory. */
  file: z.string().min(1).max(255),
  name: kebabCase,
  title: words(80),
  description: words(1_000),
  category: kebabCase,
  keywords: z.array(words(40)).max(50),
  stage: z.enum(['alpha', 'beta', 'stable', 'deprecated']),
  inputFormats: z.array(mediaType(/^(\*\/\*|[\w.+-]+\/(\*|[\w.+-]+))$/)).max(100),
  outputFormats: z.array(mediaType(/^[\w.+-]+\/[\w.+-]+$/)).max(100),
  /** JSON Schema, draft 2020-12, of what a request may send as options. */
  optionsSchema: z.record(z.string(), z.unknown()),
  limits,
  /** Programs without which it cannot work. */
  requires: z
    .array(
      z
        .string()
        .max(64)
        .regex(/^\w[\w.+-]*$/, 'must be the name of a program, such as qpdf'),
    )
    .max(20)
    .default([]),
  /** Environment variables without which it cannot work. */
  settings: z
    .array(
      z
        .string()
        .max(64)
        .regex(/^[A-Z][A-Z0-9_]*$/, 'must be the name of a variable, such as CLAMD_URL'),
    )
    .max(20)
    .default([]),
  deterministic: z.boolean(),
  shareable: z.boolean().default(false),
  service: serviceSchema.optional(),
});

export type ToolDescription = z.output<typeof toolDescriptionSchema>;

/** A tool that cannot be used, or, without a file, a plugin that cannot be loaded. The reason is one plain sentence. */
const faultSchema = z.object({
  file: z.string().max(255).nullable(),
  /** Where it is, as far as that is known: perhaps in another file, which the tool imports. */
  place: z
    .object({ file: z.string().max(255), line: z.int().positive() })
    .nullable()
    .default(null),
  reason: words(1_100),
});

export type DescriptionFault = z.output<typeof faultSchema>;

/** All tools of a plugin, and what is wrong with those that cannot be used. */
export const descriptionSchema = z.object({
  tools: z.array(toolDescriptionSchema).max(200),
  faults: z.array(faultSchema).max(200),
});

export type Description = z.output<typeof descriptionSchema>;
