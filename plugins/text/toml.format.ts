import { parse, stringify } from 'smol-toml';
import { MAX_DEPTH } from './limits.ts';
import { invalid, isTable, unsupported, type Value } from './structure.ts';

/** The whole numbers of TOML have 64 bits. */
const LARGEST = 2n ** 63n;

export function readToml(text: string): Value {
  try {
    return parse(text, { maxDepth: MAX_DEPTH, integersAsBigInt: 'asNeeded' });
  } catch (error) {
    if (Object(error).name === 'RangeError') throw error;
    throw invalid('TOML', Object(error).message.replace(/^Invalid TOML document: /, ''));
  }
}

export function writeToml(value: Value): string {
  if (!isTable(value)) throw unsupported('TOML', 'anything but a table as the whole document');
  refuseForeign(value);
  return `${stringify(value, { maxDepth: MAX_DEPTH + 1 }).trimEnd()}\n`;
}

/** What the library would leave out, or write so that nobody can read it. */
function refuseForeign(value: Value): void {
  if (value === null) throw unsupported('TOML', 'null');
  if (typeof value === 'bigint' && (value >= LARGEST || value < -LARGEST)) {
    throw unsupported('TOML', 'whole numbers of more than 64 bits');
  }
  if (Array.isArray(value)) value.forEach(refuseForeign);
  else if (isTable(value)) Object.values(value).forEach(refuseForeign);
}
