/** Breaks the built server in every way of the list, and checks what is left. See README.md beside this file. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { randomNumbers } from '../test/random.ts';
import { examine } from './examine.ts';
import { type StackName, STACKS } from './ground.ts';
import { isBroken, type Line, report } from './report.ts';
import type { Row } from './row.ts';
import { ROWS } from './rows.ts';
import { SHORT, type Size, WHOLE } from './scene.ts';

const USAGE = `Usage: npm run faults -- [--row I1,P3] [--stack ${STACKS.join(' | ')}] [--seed N] [--short]`;
const LARGEST_SEED = 2 ** 31 - 2;

const chosen = readArguments();
if (!chosen) {
  console.error(USAGE);
  process.exit(2);
}
console.log(`Node ${process.versions.node}, ${process.platform} ${process.arch}, seed ${chosen.seed}`);
const lines: Line[] = [];
for (const stack of chosen.stacks) for (const row of chosen.rows) lines.push(await play(row, stack));
console.log(`\n${report(lines)}\n\nseed ${chosen.seed}`);
process.exitCode = lines.some(isBroken) ? 1 : 0;

/** Each row has its own random numbers, so that it does the same alone as among others. */
async function play(row: Row, stack: StackName): Promise<Line> {
  const place = row.stacks[stack];
  if (place !== true) return { row, stack, reason: place };
  const random = randomNumbers(chosen?.seed ?? 1);
  const started = performance.now();
  const line = await examine(row, { stack, size: chosen?.size ?? WHOLE, random }).catch((error: unknown) =>
    crashed(row, stack, error),
  );
  const seconds = Math.round((performance.now() - started) / 1_000);
  console.log(`${row.id} ${stack}: ${isBroken(line) ? 'BROKEN' : 'kept'} (${seconds} s) ${row.fault}`);
  if ('findings' in line) for (const { kind, what } of line.findings.slice(0, 20)) console.log(`    ${kind}: ${what}`);
  return line;
}

/** A row that cannot be played to its end has not kept its promise. */
function crashed(row: Row, stack: StackName, error: unknown): Line {
  const what = error instanceof Error ? error.message : String(error);
  return {
    row,
    stack,
    tasks: 0,
    findings: [{ kind: 'wrong', what }],
    recoverySeconds: undefined,
    slowestMs: undefined,
  };
}

function readArguments(): { rows: Row[]; stacks: StackName[]; seed: number; size: Size } | undefined {
  try {
    const options = { row: { type: 'string' }, stack: { type: 'string' }, seed: { type: 'string' } } as const;
    const { values } = parseArgs({ options: { ...options, short: { type: 'boolean' } } });
    const ids = values.row?.split(',') ?? ROWS.map(({ id }) => id);
    const rows = ROWS.filter(({ id }) => ids.includes(id));
    const stacks = STACKS.filter((stack) => values.stack === undefined || values.stack === stack);
    const seed = Number(values.seed ?? randomInt(1, LARGEST_SEED));
    const isValid = rows.length === ids.length && stacks.length > 0 && Number.isSafeInteger(seed) && seed > 0;
    return isValid ? { rows, stacks, seed, size: values.short ? SHORT : WHOLE } : undefined;
  } catch {
    return undefined;
  }
}
