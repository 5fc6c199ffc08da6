import { randomInt } from 'node:crypto';
import { CLASS_NAMES } from '../../trials/torture/tool.torture.js';
import type { TortureSelection } from '../../trials/torture/torture.runner.js';
import { UsageError } from '../remote/exit.codes.js';

const MOST_SEED = 1_000_000;

export interface TortureFlags {
  readonly seed?: string;
  readonly tool?: string;
  readonly class?: string;
  readonly seconds: string;
}

/** What the flags ask for. Without a seed, any. @throws UsageError */
export function tortureSelection({ seed, tool, class: name, seconds }: TortureFlags): TortureSelection {
  if (name !== undefined && !CLASS_NAMES.includes(name))
    throw new UsageError(`There is no class called ${name}. There are: ${CLASS_NAMES.join(', ')}.`);
  return {
    seed: seed === undefined ? randomInt(MOST_SEED) : numberIn('--seed', seed),
    budgetMs: numberIn('--seconds', seconds) * 1_000,
    tool,
    classes: name === undefined ? undefined : [name],
  };
}

function numberIn(flag: string, text: string): number {
  if (!/^\d{1,9}(\.\d{1,3})?$/.test(text)) throw new UsageError(`${flag} must be a number.`);
  return Number(text);
}
