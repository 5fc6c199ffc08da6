import { z } from 'zod';
import { toolDescriptionSchema } from '../tool.description.js';
import { declaredOptions, isPattern } from './declaration.options.js';

const { shape } = toolDescriptionSchema;
const positive = z.int().positive();
const code = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be in snake_case');
const sentence = z.string().trim().min(1).max(500);
/** In the workspace, and so in arguments: neither a path nor an option. */
const fileName = z
  .string()
  .max(100)
  .regex(/^\w[\w.-]*$/, 'must be the name of a file, such as result.pdf');

const limits = z
  .strictObject({
    total_ms: positive,
    idle_ms: positive,
    memory_mb: positive,
    retry_memory_mb: positive,
    cpu_ms: positive,
    max_inputs: z.int().nonnegative(),
    max_input_bytes: positive,
    max_output_bytes: positive,
    concurrency: positive,
  })
  .partial();

/** What every declared tool says, with the words of the document that `GET /tools/{tool}` answers with. */
const common = {
  name: shape.name,
  title: shape.title,
  description: shape.description,
  category: shape.category.default('other'),
  keywords: shape.keywords.default([]),
  stage: shape.stage.default('stable'),
  input_formats: shape.inputFormats,
  output_formats: shape.outputFormats,
  options: declaredOptions.default({}),
  limits: limits.default({}),
};

const argument = z.string().max(4_000);

/** An argument, or some that are there on a condition: the option is given (or true), or has this value. */
const argumentOrChoice = z.union([
  argument,
  z.strictObject({
    when: z.string(),
    is: z.union([z.string(), z.number(), z.boolean()]).optional(),
    args: z.array(argument).max(50),
    otherwise: z.array(argument).max(50).default([]),
  }),
]);

const output = z.union([
  z.strictObject({ file: fileName, name: z.string().min(1).max(200).optional() }),
  z.strictObject({ directory: fileName, name: z.string().min(1).max(200).optional() }),
]);

export const commandSchema = z.strictObject({
  kind: z.literal('command'),
  ...common,
  deterministic: shape.deterministic.default(false),
  shareable: z.boolean().default(false),
  command: z.strictObject({
    program: shape.requires.unwrap().element,
    args: z.array(argumentOrChoice).max(200),
    /** What becomes of what it prints. */
    stdout: z.enum(['ignore', 'text', 'json']).default('ignore'),
    /** Finds in a line of what it prints how many percent of the work are done: its first group. */
    progress: z.string().max(200).refine(isPattern, { error: 'is not a regular expression' }).optional(),
  }),
  exit_codes: z
    .strictObject({
      success: z.array(z.int().min(0).max(255)).min(1).default([0]),
      errors: z
        .array(
          z.strictObject({
            exit: z.int().min(1).max(255),
            /** Part of what it printed as error, whatever the case. */
            says: z.string().min(1).max(200).optional(),
            code,
            message: sentence,
          }),
        )
        .max(50)
        .default([]),
    })
    .prefault({}),
  outputs: z.array(output).max(20).default([]),
});

export const remoteSchema = z.strictObject({
  kind: z.literal('remote'),
  ...common,
  url: z
    .url({ protocol: /^https?$/, error: 'must be a URL that begins with http:// or https://' })
    .max(500)
    .refine(isPlain, { error: 'must have no user name, query or fragment' }),
  /** The variable whose value the service is shown. The manifest names it under `permissions.env`, too. */
  secret: z
    .string()
    .regex(/^\w{1,64}$/, 'must be the name of a variable')
    .optional(),
});

export const declarationSchema = z.discriminatedUnion('kind', [commandSchema, remoteSchema], {
  error: ({ code }) => (code === 'invalid_union' ? 'kind must be command or remote' : undefined),
});

export type CommandDeclaration = z.output<typeof commandSchema>;
export type RemoteDeclaration = z.output<typeof remoteSchema>;
export type Declaration = CommandDeclaration | RemoteDeclaration;
export type DeclaredArgument = z.output<typeof argumentOrChoice>;
export type DeclaredOutput = z.output<typeof output>;

function isPlain(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}
