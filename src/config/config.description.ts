import { z } from 'zod';
import { configSchema } from './config.js';

/** One variable of the environment, as people read about it. */
export interface ConfigVariable {
  readonly name: string;
  readonly description: string;
  /** What it may hold, in words: `a whole number from 0 to 65535`. */
  readonly values: string;
  /** As it would be written in the environment. Undefined: there is none, or it depends on the machine. */
  readonly default?: string;
  /** What happens without it, in words. Undefined: nothing to say beyond the default. */
  readonly otherwise?: string;
  /** Never shown, and may come from the file that `<name>_FILE` names. */
  readonly secret: boolean;
}

type Property = z.core.JSONSchema.JSONSchema;

/** Every variable, in the order of the schema. */
export function describeConfig(): ConfigVariable[] {
  const { properties = {} } = z.toJSONSchema(configSchema, { io: 'output', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, property]) =>
    describe(name, typeof property === 'object' ? property : {}),
  );
}

/** `secret` and `shownDefault` are notes that the schema carries by `.meta()`. */
function describe(name: string, property: Property): ConfigVariable {
  const { description = '', secret, shownDefault } = property;
  return {
    name,
    description,
    values: inWords(property),
    secret: secret === true,
    ...(typeof shownDefault === 'string' ? { otherwise: shownDefault } : written(property.default)),
  };
}

function written(value: Property['default']): { default?: string } {
  if (value === undefined) return {};
  return { default: typeof value === 'string' ? value : JSON.stringify(value) };
}

function inWords(property: Property): string {
  if (property.enum) return `one of ${property.enum.map((value) => `\`${value}\``).join(', ')}`;
  if (property.type === 'boolean') return '`true` or `false`';
  if (property.type === 'integer') return `a whole number ${range(property)}`;
  if (property.type === 'number') return `a number ${range(property)}`;
  return 'text';
}

function range({ type, minimum, exclusiveMinimum = 0, maximum = Number.MAX_SAFE_INTEGER }: Property): string {
  const least = type === 'integer' ? (minimum ?? Number(exclusiveMinimum) + 1) : minimum;
  const from = least === undefined ? `above ${exclusiveMinimum}` : `from ${least}`;
  if (maximum === Number.MAX_SAFE_INTEGER) return from;
  return least === undefined ? `${from}, at most ${maximum}` : `${from} to ${maximum}`;
}
