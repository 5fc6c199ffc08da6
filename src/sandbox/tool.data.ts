import { Problem } from '../errors/problem.js';

/** PostgreSQL keeps some thousand levels of JSON. */
const MAX_DEPTH = 500;

/**
 * The JSON that a tool answered with, as every database keeps it: without the character NUL, and with U+FFFD for lone
 * surrogates. JSON writes both as escapes. @throws Problem `output_invalid` when it is nested too deep
 */
export function storable(data: unknown): unknown {
  if (isTooDeep(data)) throw new Problem('output_invalid', 'The data of the tool is nested too deep.');
  const text = JSON.stringify(data);
  if (!/\\u(0000|d)/.test(text)) return data;
  return JSON.parse(text.replaceAll(/\\(?:u0000|(ud...)|.)/g, (escape, half?: string) => kept(escape, half)));
}

function kept(escape: string, half: string | undefined): string {
  if (half) return '\ufffd';
  return escape === '\\u0000' ? '' : escape;
}

function isTooDeep(data: unknown): boolean {
  let level = [data];
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth++) {
    const containers = level.filter((value) => typeof value === 'object' && value !== null);
    level = containers.flatMap((value) => Object.values(value));
  }
  return level.length > 0;
}
