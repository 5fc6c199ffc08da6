import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { jsonPointer } from '../../errors/invalid-request.js';
import { Problem, type ProblemDetail } from '../../errors/problem.js';

const MAX_BYTES = 64 * 1024;
const MAX_DEPTH = 20;
const MAX_DETAILS = 20;
/** Characters of a pointer to a fault. */
const MAX_PATH = 200;
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** One for all, which has learned what a schema is; of the schemas themselves it keeps nothing. */
const ajv = new Ajv2020({
  allErrors: true,
  useDefaults: true,
  strict: false,
  validateFormats: false,
  addUsedSchema: false,
});

export type Options = Record<string, unknown>;

/** Checks the options of one tool against its JSON Schema (draft 2020-12) and fills in the defaults. */
export class OptionsCheck {
  private compiled: ValidateFunction<Options> | undefined;

  constructor(private readonly schema: object) {}

  /** @throws when the schema itself cannot be used */
  compile(): void {
    this.validate();
  }

  /** @param options as parsed from JSON; gets the defaults. @throws Problem `invalid_options` with every fault */
  check(options: unknown): Options {
    refuseHostileShape(options);
    const validate = this.validate();
    if (validate(options)) return options;
    throw invalidOptions((validate.errors ?? []).map(detail));
  }

  /** When it is needed first: some milliseconds for each of a hundred tools would be what a start is busy with. */
  private validate(): ValidateFunction<Options> {
    this.compiled ??= compile(this.schema);
    return this.compiled;
  }
}

function compile(schema: object): ValidateFunction<Options> {
  try {
    return ajv.compile<Options>(schema);
  } finally {
    ajv.removeSchema(schema);
  }
}

/** Whether a schema can be used at all. */
export function isUsable(schema: object): boolean {
  try {
    new OptionsCheck(schema).compile();
    return true;
  } catch {
    return false;
  }
}

/** JSON text of options, as a form carries it. */
export function parseOptions(text: string): unknown {
  if (Buffer.byteLength(text) > MAX_BYTES) throw optionsTooLarge();
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const details = [{ path: '', code: 'json', message: 'is not JSON' }];
    throw new Problem('invalid_options', 'The field options is not JSON.', { details, cause });
  }
}

export function refuseLargeOptions(bodyBytes: number, options: unknown): void {
  if (bodyBytes > MAX_BYTES && Buffer.byteLength(JSON.stringify(options)) > MAX_BYTES) throw optionsTooLarge();
}

function optionsTooLarge(): Problem {
  return new Problem('options_too_large', `The options may have ${MAX_BYTES} bytes at most.`);
}

/** 64 KiB of options can be wrong in ten thousand ways, and each way is told twice. */
function invalidOptions(faults: readonly ProblemDetail[]): Problem {
  const details = faults.slice(0, MAX_DETAILS).map(({ path, ...fault }) => ({ path: shortened(path), ...fault }));
  const sentences = details.map(({ path, message }) => `${path || 'The options'} ${message}`);
  const more = faults.length > MAX_DETAILS ? `; and ${faults.length - MAX_DETAILS} more` : '';
  return new Problem('invalid_options', `${sentences.join('; ')}${more}.`, { details });
}

function shortened(path: string): string {
  return path.length > MAX_PATH ? `${path.slice(0, MAX_PATH)}…` : path;
}

/** Level by level, so that no nesting is too deep for the check itself. */
function refuseHostileShape(options: unknown): void {
  let level: unknown[] = [options];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH)
      throw invalidOptions([{ path: '', code: 'depth', message: `nest deeper than ${MAX_DEPTH} levels` }]);
    if (level.some(isNoText))
      throw invalidOptions([{ path: '', code: 'text', message: 'may not contain NUL, nor half of a character' }]);
    level = level.filter(isObject).flatMap(children);
  }
}

/** Not every database keeps NUL and lone surrogates. */
function isNoText(value: unknown): boolean {
  return typeof value === 'string' && (value.includes('\0') || !value.isWellFormed());
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** With the names of its members, which are texts, too. */
function children(value: object): unknown[] {
  for (const key of Object.keys(value)) {
    if (!FORBIDDEN_KEYS.has(key)) continue;
    throw invalidOptions([{ path: '', code: 'key', message: `may not have a member called ${key}` }]);
  }
  return Object.entries(value).flat();
}

function detail({ instancePath, keyword, message, params }: ErrorObject): ProblemDetail {
  const member = (name: unknown) => instancePath + jsonPointer([String(name)]);
  switch (keyword) {
    case 'required':
      return { path: member(params['missingProperty']), code: keyword, message: 'is required' };
    case 'additionalProperties':
      return { path: member(params['additionalProperty']), code: keyword, message: 'is not an option of this tool' };
    case 'enum':
      return {
        path: instancePath,
        code: keyword,
        message: `must be one of ${[params['allowedValues']].flat().join(', ')}`,
      };
    default:
      return { path: instancePath, code: keyword, message: message ?? 'is not valid' };
  }
}
