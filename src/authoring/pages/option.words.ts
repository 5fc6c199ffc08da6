/** One option of a tool, as its JSON Schema has it. */
export interface OptionSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly items?: OptionSchema;
  readonly properties?: Readonly<Record<string, OptionSchema>>;
  readonly anyOf?: readonly OptionSchema[];
  readonly oneOf?: readonly OptionSchema[];
}

/** What an option may be, in words: `1 to 100`, `jpeg`, `png` or `webp`, text of at most 80 characters. */
export function valueWords(schema: OptionSchema): string {
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches) return listed([...new Set(branches.map(valueWords))]);
  if (schema.enum) return listed(schema.enum.map(code));
  if (schema.const !== undefined) return code(schema.const);
  return listed([schema.type ?? 'any'].flat().map((type) => wordsOf(type, schema)));
}

/** The words of the schema itself, or of one of its branches. */
export function meaningOf(schema: OptionSchema): string {
  if (schema.description) return schema.description;
  return [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].map(meaningOf).find((text) => text !== '') ?? '';
}

export function code(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text === '' ? '`""`' : `\`${text.replaceAll('`', '')}\``;
}

function wordsOf(type: string, schema: OptionSchema): string {
  switch (type) {
    case 'boolean':
      return '`true` or `false`';
    case 'integer':
      return `whole number${range(schema)}`;
    case 'number':
      return `number${range(schema)}`;
    case 'string':
      return textWords(schema);
    case 'array':
      return `list of ${count(schema)}${schema.items ? `: ${valueWords(schema.items)}` : ''}`;
    case 'object':
      return objectWords(schema);
    case 'null':
      return '`null`';
    default:
      return 'any JSON';
  }
}

function textWords({ minLength, maxLength, format }: OptionSchema): string {
  const kind = format === undefined ? 'text' : `text (${format})`;
  if (maxLength === undefined) return kind;
  return minLength ? `${kind}, ${minLength} to ${maxLength} characters` : `${kind}, up to ${maxLength} characters`;
}

function objectWords({ properties = {} }: OptionSchema): string {
  const members = Object.entries(properties).map(([name, member]) => `${code(name)}: ${valueWords(member)}`);
  return members.length === 0 ? 'object' : `object with ${members.join('; ')}`;
}

function count({ minItems = 0, maxItems }: OptionSchema): string {
  if (maxItems === undefined) return minItems > 0 ? `${minItems} or more` : 'any number';
  return minItems === maxItems ? `${maxItems}` : `${minItems} to ${maxItems}`;
}

function range(schema: OptionSchema): string {
  const least = schema.minimum ?? schema.exclusiveMinimum;
  const most = schema.maximum ?? schema.exclusiveMaximum;
  const from = isBound(least) ? `${schema.minimum === undefined ? 'above ' : ''}${least}` : undefined;
  const to = isBound(most) ? `${schema.maximum === undefined ? 'below ' : ''}${most}` : undefined;
  if (from !== undefined && to !== undefined) return `, ${from} to ${to}`;
  if (from !== undefined) return schema.minimum === undefined ? `, ${from}` : `, ${from} or more`;
  return to === undefined ? '' : `, up to ${to}`;
}

/** zod gives every whole number the largest that there is as a bound. */
function isBound(value: number | undefined): value is number {
  return value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
