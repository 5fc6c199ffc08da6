import type { CaseReport, CaseResult } from './case.report.js';
import type { FileFault } from './case.file.js';

const SIGNS = { passed: '✓', failed: '✗', skipped: '–' } as const;

/** One case, for the terminal: a line, and what is wrong below it. */
export function linesOfResult({ status, tool, name, ms, faults, reason, file, line }: CaseResult): string[] {
  const note = status === 'skipped' ? `skipped: ${reason}` : `${ms} ms`;
  return [
    `${SIGNS[status]} ${tool}: ${name} (${note})`,
    ...(status === 'failed' ? [`    ${place({ file, line })}`] : []),
    ...faults.flatMap(({ where, expected, found }) => [
      `    ${where}`,
      `      expected  ${expected}`,
      `      found     ${found}`,
    ]),
    ...(status === 'failed' && reason !== null ? reason.split('\n').map((text) => `      ${text}`) : []),
  ];
}

/** What stands below all cases. */
export function summaryOf({ plugin, version, passed, failed, skipped, faults, ms }: CaseReport): string[] {
  const counts = [`${passed} passed`, `${failed} failed`, ...(skipped > 0 ? [`${skipped} skipped`] : [])];
  return [
    ...faults.map((fault) => `✗ ${place(fault)}: ${fault.reason}`),
    `${plugin}@${version}: ${counts.join(', ')}, in ${(ms / 1_000).toFixed(1)} s`,
  ];
}

function place({ file, line }: Pick<FileFault, 'file' | 'line'>): string {
  return line === null ? file : `${file}:${line}`;
}
