import type { FileFault } from './case.file.js';
import type { CaseReport, CaseResult } from './case.report.js';

/** What XML 1.0 cannot hold, escaped or not. */
const NO_XML = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;
const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** The reports of some plugins as JUnit's XML, which most systems for continuous integration show. */
export function junitOf(reports: readonly CaseReport[]): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    ...reports.flatMap(suite),
    '</testsuites>',
    '',
  ].join('\n');
}

function suite({ plugin, results, faults, failed, skipped, ms }: CaseReport): string[] {
  const tests = results.length + faults.length;
  const counts = `tests="${tests}" failures="${failed}" errors="${faults.length}" skipped="${skipped}"`;
  return [
    `  <testsuite name=${quoted(plugin)} ${counts} time="${seconds(ms)}">`,
    ...results.map(testCase),
    ...faults.map(broken),
    '  </testsuite>',
  ];
}

function broken({ file, line, reason }: FileFault): string {
  const name = quoted(line === null ? 'can be used' : `line ${line}`);
  return `    <testcase classname=${quoted(file)} name=${name}><error message=${quoted(reason)}/></testcase>`;
}

function testCase({ tool, name, ms, file, line, status, faults, reason }: CaseResult): string {
  const place = `file=${quoted(file)}${line === null ? '' : ` line="${line}"`}`;
  const start = `    <testcase classname=${quoted(tool)} name=${quoted(name)} ${place} time="${seconds(ms)}"`;
  if (status === 'passed') return `${start}/>`;
  if (status === 'skipped') return `${start}><skipped message=${quoted(reason ?? '')}/></testcase>`;
  const lines = faults.map(({ where, expected, found }) => `${where}: expected ${expected}, found ${found}`);
  const text = escaped([...lines, ...(reason === null ? [] : [reason])].join('\n'));
  return `${start}><failure message=${quoted(lines[0] ?? '')}>${text}</failure></testcase>`;
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}

function quoted(text: string): string {
  return `"${escaped(text).replaceAll('\n', '&#10;')}"`;
}

function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(NO_XML, '')
    .replaceAll(/[&<>"]/g, (sign) => ESCAPES[sign] ?? sign);
}
