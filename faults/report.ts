import { figure, table } from '../bench/table.ts';
import type { FindingKind } from './checker/finding.ts';
import type { Report } from './examine.ts';

const HEAD = [
  'row',
  'fault',
  'stack',
  'tasks',
  'lost',
  'duplicated',
  'wrong status',
  'leftover rings',
  'leftover files',
  'leftover processes',
  's to recover',
  'slowest answer s',
  'promise',
];
const COUNTED: readonly FindingKind[] = ['lost', 'duplicated', 'wrong', 'ring', 'file', 'process'];
const FAULT = HEAD.indexOf('fault');

/** A line of the table: what was examined, or why it was not. */
export type Line = Report | { readonly row: Report['row']; readonly stack: Report['stack']; readonly reason: string };

/** All rows of one run, and below what is wrong in each. */
export function report(lines: readonly Line[]): string {
  const width = Math.max(...lines.map(({ row }) => row.fault.length));
  const rows = lines.map(cells).map((cells) => cells.with(FAULT, (cells[FAULT] ?? '').padEnd(width)));
  return table(HEAD, rows);
}

export function isBroken(line: Line): boolean {
  return 'findings' in line && line.findings.length > 0;
}

function cells(line: Line): string[] {
  const first = [line.row.id, line.row.fault, line.stack];
  if ('reason' in line) return [...first, ...HEAD.slice(first.length + 1).map(() => '-'), line.reason];
  const counts = COUNTED.map((kind) => line.findings.filter((finding) => finding.kind === kind).length);
  return [
    ...first,
    ...[line.tasks, ...counts].map(String),
    figure(line.recoverySeconds),
    figure(line.slowestMs === undefined ? undefined : line.slowestMs / 1_000),
    isBroken(line) ? 'BROKEN' : 'kept',
  ];
}
