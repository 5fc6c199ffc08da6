import { z } from 'zod';

/** Characters of a text option: all options of a request together have 64 KiB. */
const LONGEST_TEXT = 10_000;
const MOST_VALUES = 200;

const words = {
  description: z.string().trim().min(1).max(500),
  required: z.literal(true).optional(),
};
const text = z.string().max(LONGEST_TEXT);

/** One option of a tool that is declared in YAML. Each is described and bounded. */
export const declaredOption = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('string'),
    ...words,
    min_length: z.int().nonnegative().default(0),
    max_length: z.int().positive().max(LONGEST_TEXT),
    /** The whole value must match it. */
    pattern: z.string().max(500).refine(isPattern, { error: 'is not a regular expression' }).optional(),
    default: text.optional(),
  }),
  z.strictObject({ type: z.literal('integer'), ...words, ...bounds(z.int()) }),
  z.strictObject({ type: z.literal('number'), ...words, ...bounds(z.number()) }),
  z.strictObject({ type: z.literal('boolean'), ...words, default: z.boolean().optional() }),
  z.strictObject({
    type: z.literal('enum'),
    ...words,
    values: z.array(text.min(1)).min(1).max(MOST_VALUES),
    default: text.optional(),
  }),
]);

export type DeclaredOption = z.output<typeof declaredOption>;

export const declaredOptions = z.record(
  z
    .string()
    .max(64)
    .regex(/^[a-z][a-z0-9_]*$/, 'must be in snake_case'),
  declaredOption,
);

export type DeclaredOptions = z.output<typeof declaredOptions>;

/** A rule for every text option of a tool, beside those of the option itself. */
export interface TextRule {
  readonly pattern: RegExp;
  readonly error: string;
}

/** Whether a request may leave it out so that it has no value at all. */
export function canBeAbsent({ type, required, default: fallback }: DeclaredOption): boolean {
  return !required && fallback === undefined && type !== 'boolean';
}

/** The zod object that a class tool would have written: from here on, all kinds of tools are the same. */
export function optionsSchema(options: DeclaredOptions, rule?: TextRule): z.ZodObject {
  return z.object(Object.fromEntries(Object.entries(options).map(([name, option]) => [name, schemaOf(option, rule)])));
}

function schemaOf(option: DeclaredOption, rule: TextRule | undefined): z.ZodType {
  const schema = valueSchema(option, rule).describe(option.description);
  if (option.default !== undefined) return schema.default(option.default);
  if (option.required) return schema;
  return option.type === 'boolean' ? schema.default(false) : schema.optional();
}

function valueSchema(option: DeclaredOption, rule: TextRule | undefined): z.ZodType {
  switch (option.type) {
    case 'string':
      return textSchema(option, rule);
    case 'integer':
      return z.int().min(option.minimum).max(option.maximum);
    case 'number':
      return z.number().min(option.minimum).max(option.maximum);
    case 'boolean':
      return z.boolean();
    case 'enum':
      return z.enum(option.values);
    default:
      return option satisfies never;
  }
}

function textSchema(
  { min_length: least, max_length: most, pattern }: DeclaredOption & { type: 'string' },
  rule: TextRule | undefined,
): z.ZodString {
  const bounded = z.string().min(least).max(most);
  const ruled = rule ? bounded.regex(rule.pattern, rule.error) : bounded;
  return pattern === undefined ? ruled : ruled.regex(new RegExp(`^(?:${pattern})$`, 'u'));
}

function bounds<Schema extends z.ZodNumber | z.ZodInt>(schema: Schema) {
  return { minimum: schema, maximum: schema, default: schema.optional() };
}

export function isPattern(pattern: string): boolean {
  try {
    return Boolean(new RegExp(`^(?:${pattern})$`, 'u'));
  } catch {
    return false;
  }
}
