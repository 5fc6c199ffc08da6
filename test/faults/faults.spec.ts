import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { examine } from '../../faults/examine.ts';
import type { StackName } from '../../faults/ground.ts';
import { isBroken, report } from '../../faults/report.ts';
import type { Row } from '../../faults/row.ts';
import { ROWS } from '../../faults/rows.ts';
import { SHORT } from '../../faults/scene.ts';
import { unblockDecodersAfterwards } from '../plugins/image/pictures.ts';
import { randomNumbers } from '../random.ts';

/** What every test run can afford; `npm run faults` plays the rest, and all of it longer. */
const SELECTION: readonly (readonly [string, StackName])[] = [
  ['I1', 'embedded'],
  ['I7', 'scaled'],
  ['I11', 'scaled'],
  ['I12', 'embedded'],
  ['I25', 'scaled'],
  ['I30', 'scaled'],
  ['P5', 'embedded'],
];
const SEED = 20_261_121;
const ROW_MS = 240_000;

const rowOf = (id: string): Row => {
  const row = ROWS.find((candidate) => candidate.id === id);
  if (!row) throw new Error(`There is no row ${id}.`);
  return row;
};

unblockDecodersAfterwards();

describe('nothing is lost, nothing ends twice and nothing is left', () => {
  it.each(SELECTION)(
    'in row %s on the stack %s',
    async (id, stack) => {
      const { findings, tasks } = await examine(rowOf(id), { stack, size: SHORT, random: randomNumbers(SEED) });

      expect(findings).toEqual([]);
      expect(tasks).toBeGreaterThan(0);
    },
    ROW_MS,
  );
});

describe('the list of rows', () => {
  const page = readFileSync(new URL('../../faults/README.md', import.meta.url), 'utf8');

  /** `I1`, `I6, I7`, `P1–P18`. */
  const named = [...page.matchAll(/^\| ((?:[IP]\d+(?:, |–)?)+) +\|/gm)].flatMap(([, ids = '']) => {
    const [, first, last] = /^P(\d+)–P(\d+)$/.exec(ids) ?? [];
    if (first === undefined) return ids.split(', ');
    return Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => `P${Number(first) + index}`);
  });

  it('is the one that README.md explains', () => {
    expect(named).toEqual(ROWS.map(({ id }) => id));
    expect(named).toHaveLength(35);
  });
});

describe('the table', () => {
  const row = rowOf('I1');
  const kept = { row, stack: 'scaled', tasks: 200, findings: [], recoverySeconds: 11.06, slowestMs: 1_500 } as const;

  it('has a figure for everything that is promised, and says whether it was kept', () => {
    const broken = { ...kept, findings: [{ kind: 'lost', what: 'A task.' }] } as const;

    const [head, ...lines] = report([kept, broken]).split('\n');

    expect(head).toMatch(/lost +duplicated +wrong status .* leftover files +leftover processes +s to recover/);
    expect(lines.map((line) => line.trim().split(/ {2,}/).slice(2))).toEqual([
      ['scaled', '200', '0', '0', '0', '0', '0', '0', '11.1', '1.50', 'kept'],
      ['scaled', '200', '1', '0', '0', '0', '0', '0', '11.1', '1.50', 'BROKEN'],
    ]);
    expect([kept, broken].map(isBroken)).toEqual([false, true]);
  });

  it('says why a row was not played, which is neither', () => {
    const line = { row, stack: 'embedded', reason: 'no Redis there' } as const;

    expect(report([line])).toMatch(/no Redis there$/);
    expect(isBroken(line)).toBe(false);
  });
});
