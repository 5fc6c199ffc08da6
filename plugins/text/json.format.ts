import { MAX_DEPTH } from './limits.ts';
import { invalid, tooDeep, unsupported, type Value, valueFrom } from './structure.ts';

/** Whole numbers are kept as they are, also those that a number of JavaScript would round. */
export function readJson(text: string): Value {
  refuseDeepText(text);
  try {
    return valueFrom(JSON.parse(text, keepNumber));
  } catch (error) {
    if (Object(error).code === 'value_unsupported') throw error;
    throw invalid('JSON', Object(error).message);
  }
}

export function writeJson(value: Value, indent: number): string {
  const text = JSON.stringify(
    value,
    (_, member: unknown) => {
      if (typeof member === 'bigint') return rawNumber(member);
      if (typeof member === 'number' && !Number.isFinite(member)) throw unsupported('JSON', 'infinity or NaN');
      return member;
    },
    indent,
  );
  return `${text}\n`;
}

/** A number of JSON of any length. The compiler does not know of it yet. */
function rawNumber(value: bigint): unknown {
  return Object(JSON).rawJSON(String(value));
}

/** Called with the name, the value, and what stood in the text. */
function keepNumber(...[, value, context]: unknown[]): unknown {
  const source = String(Object(context).source);
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  if (/^-?\d{1,1000}$/.test(source)) return BigInt(source);
  if (!Number.isFinite(value)) throw unsupported('This converter', 'numbers as large as those in the document');
  return value;
}

/** Before anything goes down into it. */
function refuseDeepText(text: string): void {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth > MAX_DEPTH) throw tooDeep();
  }
}
