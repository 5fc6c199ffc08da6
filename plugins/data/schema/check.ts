import type { ErrorObject, SchemaObject, ValidateFunction } from 'ajv';
import { ToolError } from 'toolyard/sdk';
import { boundedPattern } from './patterns.ts';

export const MAX_SCHEMA_BYTES = 200_000;
/** Levels inside each other. */
const MAX_DEPTH = 64;
/** Of one row. */
const MAX_FAULTS = 10;

export interface Fault {
  /** JSON pointer into the row; empty for the row itself. */
  readonly path: string;
  /** The keyword of the schema that does not hold. */
  readonly keyword: string;
  readonly message: string;
}

/** Makes a check of a JSON Schema (draft 2020-12, or draft-07 where it says so). Throws ToolError when it is none. */
export async function compileSchema(schema: unknown): Promise<(row: unknown) => readonly Fault[]> {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) throw invalid('It is not an object.');
  if (depthOf(schema) > MAX_DEPTH) throw invalid(`It is nested deeper than ${MAX_DEPTH} levels.`);
  const validate = await compile(schema);
  return (row) => (validate(row) ? [] : (validate.errors ?? []).slice(0, MAX_FAULTS).map(faultOf));
}

async function compile(schema: SchemaObject): Promise<ValidateFunction> {
  const isOld = typeof schema.$schema === 'string' && schema.$schema.includes('draft-07');
  const options = { allErrors: false, strict: false, validateFormats: false, logger: false, code: { regExp } } as const;
  const [{ Ajv }, { Ajv2020 }] = await Promise.all([import('ajv'), import('ajv/dist/2020.js')]);
  try {
    return isOld ? new Ajv(options).compile(schema) : new Ajv2020(options).compile(schema);
  } catch (error) {
    if (error instanceof ToolError) throw error;
    throw invalid(error instanceof Error ? error.message : '');
  }
}

/** What ajv uses in place of RegExp. A text that is too long for a pattern does not match it. */
function regExp(pattern: string): { test: (text: string) => boolean } {
  const { expression, longest } = boundedPattern(pattern);
  return { test: (text) => text.length <= longest && expression.test(text) };
}
regExp.code = 'boundedPattern';

function faultOf({ instancePath, keyword, message, params }: ErrorObject): Fault {
  const name: unknown = params['missingProperty'] ?? params['additionalProperty'];
  const which = keyword === 'additionalProperties' && typeof name === 'string' ? `: ${name}` : '';
  return { path: instancePath.slice(0, 200), keyword, message: `${message ?? 'does not hold'}${which}`.slice(0, 300) };
}

/** Without going down by calls, because nobody knows yet how deep it is. */
function depthOf(value: object): number {
  let deepest = 0;
  const waiting: (readonly [unknown, number])[] = [[value, 1]];
  for (let next = waiting.pop(); next !== undefined && deepest <= MAX_DEPTH; next = waiting.pop()) {
    const [node, depth] = next;
    if (typeof node !== 'object' || node === null) continue;
    deepest = Math.max(deepest, depth);
    waiting.push(...Object.values(node).map((child) => [child, depth + 1] as const));
  }
  return deepest;
}

function invalid(reason: string): ToolError {
  return new ToolError('schema_invalid', `The schema cannot be used: ${reason.slice(0, 300)}`);
}
