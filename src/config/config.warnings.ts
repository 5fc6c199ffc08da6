import { describeConfig } from './config.description.js';
import type { Environment } from './config.load.js';

/** In a short name every second word is two letters away: `HOME` from `ROLE`. */
const SHORT_NAME = 6;

/** Variables that are set but not read, although somebody seems to mean them. One sentence each, without values. */
export function configWarnings(env: Environment = process.env): string[] {
  const variables = describeConfig();
  const known = variables.flatMap(({ name, secret }) => (secret ? [name, `${name}_FILE`] : [name]));
  const plain = new Set(variables.filter(({ secret }) => !secret).map(({ name }) => `${name}_FILE`));
  const unknown = Object.keys(env).filter((name) => env[name] && !known.includes(name));
  return unknown.flatMap((name) => {
    if (plain.has(name)) return [`${name} is not read: only a secret may come from a file.`];
    const meant = known.find((candidate) => withinEdits(name, candidate, candidate.length <= SHORT_NAME ? 1 : 2));
    return meant ? [`${name} is not read: is ${meant} meant?`] : [];
  });
}

/** Whether one name becomes the other by at most so many letters inserted, left out, changed or swapped with the next. */
function withinEdits(one: string, other: string, edits: number): boolean {
  if (one === other) return true;
  if (edits === 0) return false;
  let same = 0;
  while (same < one.length && one[same] === other[same]) same += 1;
  const [a, b] = [one.slice(same), other.slice(same)];
  const swapped = a.length > 1 && a[0] === b[1] && a[1] === b[0];
  return (
    withinEdits(a.slice(1), b.slice(1), edits - 1) ||
    withinEdits(a.slice(1), b, edits - 1) ||
    withinEdits(a, b.slice(1), edits - 1) ||
    (swapped && withinEdits(a.slice(2), b.slice(2), edits - 1))
  );
}
