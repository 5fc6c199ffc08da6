type Version = readonly [major: number, minor: number, patch: number];

const VERSION = /^(\d+)(?:\.(\d+|[x*]))?(?:\.(\d+|[x*]))?(?:-[\w.]+)?$/;
const COMPARISON = /^(>=|<=|>|<|=|\^|~)?\s*(\S+)$/;

/** From the lowest version that fits up to the lowest one that does not any more. */
interface Span {
  readonly from: Version;
  readonly below: Version;
}

const ZERO: Version = [0, 0, 0];
const ENDLESS: Version = [Infinity, 0, 0];

/**
 * Whether a version lies in a range, as package.json has them: `>=0.1`, `^1.2.0`, `~1.2`, `1.x`, `>=1 <3`, `1 || 2`.
 * A version before a release (`1.0.0-beta`) counts as the release. False for a range that cannot be read.
 */
export function isInRange(version: string, range: string): boolean {
  const known = numbers(version);
  const spans = spansOf(range);
  if (!known || !spans) return false;
  return spans.some((all) => all.every(({ from, below }) => compare(known, from) >= 0 && compare(known, below) < 0));
}

/** Whether it can be read as a range. */
export function isRange(range: string): boolean {
  return spansOf(range) !== undefined;
}

/** Alternatives, each of them spans that must all fit. */
function spansOf(range: string): Span[][] | undefined {
  const alternatives = range.split('||').map((part) =>
    part
      .trim()
      .replaceAll(/(>=|<=|>|<|=|\^|~)\s+/g, '$1')
      .split(/\s+/)
      .map(spanOf),
  );
  const isWhole = alternatives.every((spans) => spans.every((span) => span !== undefined));
  return isWhole ? alternatives.map((spans) => spans.filter((span) => span !== undefined)) : undefined;
}

function spanOf(text: string): Span | undefined {
  if (text === '*' || text === 'x') return { from: ZERO, below: ENDLESS };
  const [, sign = '', written = ''] = COMPARISON.exec(text) ?? [];
  const from = numbers(written);
  if (!from) return undefined;
  const next = afterAll(written, from);
  switch (sign) {
    case '>=':
      return { from, below: ENDLESS };
    case '>':
      return { from: next, below: ENDLESS };
    case '<':
      return { from: ZERO, below: from };
    case '<=':
      return { from: ZERO, below: next };
    case '^':
      return { from, below: incompatible(written, from) };
    case '~':
      return { from, below: digits(written) === 1 ? [from[0] + 1, 0, 0] : [from[0], from[1] + 1, 0] };
    default:
      return { from, below: next };
  }
}

/** The first version after all that begin with what is written: after `1.2` comes 1.3.0. */
function afterAll(written: string, [major, minor, patch]: Version): Version {
  const known = digits(written);
  if (known === 1) return [major + 1, 0, 0];
  return known === 2 ? [major, minor + 1, 0] : [major, minor, patch + 1];
}

/** The first number that is not 0 may not change. */
function incompatible(written: string, [major, minor, patch]: Version): Version {
  if (major > 0 || digits(written) === 1) return [major + 1, 0, 0];
  return minor > 0 || digits(written) === 2 ? [0, minor + 1, 0] : [0, 0, patch + 1];
}

function digits(written: string): number {
  return (VERSION.exec(written) ?? []).slice(1, 4).filter((part) => part !== undefined && /\d/.test(part)).length;
}

function numbers(written: string): Version | undefined {
  const found = VERSION.exec(written);
  if (!found) return undefined;
  const [major = 0, minor = 0, patch = 0] = found.slice(1, 4).map((part) => Number(part?.replace(/[x*]/, '0') ?? 0));
  return [major, minor, patch];
}

function compare(one: Version, other: Version): number {
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
}
