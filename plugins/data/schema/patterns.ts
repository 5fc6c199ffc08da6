import { ToolError } from 'toolyard/sdk';

/** A pattern is tried on every row, by an engine that may go back as often as there are ways to read it. */
const MAX_PATTERN = 200;
/**
 * Characters of a text that a pattern is tried on, by its number of repetitions: with each the time grows by as much as
 * the text is long.
 */
const LONGEST = [1_000_000, 10_000, 700, 200] as const;

export interface BoundedPattern {
  readonly expression: RegExp;
  /** Characters of a text for which the time is bounded. A longer one counts as not matching. */
  readonly longest: number;
}

/** What is caught here would take for ever: a repetition inside a repetition, back references, looking around. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/\\[1-9]|\\k</, 'refers back'],
  [/\(\?[=!]|\(\?<[=!]/, 'looks around'],
];

/**
 * A regular expression that is matched in bounded time, whatever it is matched against. Throws ToolError for others.
 */
export function boundedPattern(pattern: string): BoundedPattern {
  if (pattern.length > MAX_PATTERN) throw refusal(pattern, `is longer than ${MAX_PATTERN} characters`);
  const bare = withoutClasses(pattern);
  const reason = REFUSED.find(([sign]) => sign.test(pattern))?.[1];
  if (reason !== undefined) throw refusal(pattern, reason);
  if (hasRepeatedGroup(bare)) throw refusal(pattern, 'repeats a group that repeats or chooses');
  const longest = LONGEST[(bare.match(/[*+]|\{\d*,\d*\}|\{\d{3,}\}/g) ?? []).length];
  if (longest === undefined) throw refusal(pattern, 'repeats too often');
  try {
    return { expression: new RegExp(pattern, 'u'), longest };
  } catch {
    throw refusal(pattern, 'is not a regular expression');
  }
}

/** Sets of characters and escaped characters become a letter: they have no part in the structure. */
function withoutClasses(pattern: string): string {
  return pattern.replaceAll(/\\[pP]\{[^}]*\}|\\u\{[^}]*\}|\\./g, 'x').replaceAll(/\[[^\]]*\]/g, 'x');
}

/** Whether a group with a repetition or a choice inside is itself repeated. Once (`?`) is not often. */
function hasRepeatedGroup(bare: string): boolean {
  const isBusy: boolean[] = [false];
  for (let at = 0; at < bare.length; at++) {
    const character = bare[at] ?? '';
    if (character === '(') isBusy.push(false);
    else if (character === ')') {
      const inner = isBusy.pop() ?? false;
      if (inner && /[*+{]/.test(bare[at + 1] ?? '')) return true;
      if (inner && isBusy.length > 0) isBusy[isBusy.length - 1] = true;
    } else if (/[*+{|?]/.test(character) && !(character === '?' && bare[at - 1] === '('))
      isBusy[isBusy.length - 1] = true;
  }
  return false;
}

function refusal(pattern: string, reason: string): ToolError {
  return new ToolError('pattern_refused', `The pattern ${JSON.stringify(pattern.slice(0, 80))} ${reason}.`);
}
