import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { countLine, type Results } from './count.reporter.js';

const ROOT = join(import.meta.dirname, '..', '..');
const JEST = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');

const results: Results = {
  numPassedTests: 7,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  numRuntimeErrorTestSuites: 0,
};

describe('countLine', () => {
  it.each([
    ['a green run', {}, 0, '7 passed, 0 failed'],
    ['failed tests', { numFailedTests: 2 }, 1, '7 passed, 2 failed'],
    ['skipped and planned tests', { numPendingTests: 1, numTodoTests: 2 }, 0, '7 passed, 0 failed, 3 skipped'],
    ['a file that could not be loaded', { numRuntimeErrorTestSuites: 1 }, 1, '7 passed, 1 failed'],
    ['a run that passed and still ended badly', {}, 1, '7 passed, 1 failed'],
  ])('counts %s', (_case, figures, exitCode, line) => {
    expect(countLine({ ...results, ...figures }, exitCode)).toBe(line);
  });
});

describe('the reporter', () => {
  it('ends the output of Jest with the line, after the summary, also when a file cannot be loaded', () => {
    const { status, lines } = runJest({
      'fine.spec.js': "it('passes', () => {}); it.skip('waits', () => {});",
      'broken.spec.js': "import './missing.js';",
    });

    expect(status).toBe(1);
    expect(lines.findIndex((line) => line.startsWith('Test Suites:'))).toBeGreaterThan(0);
    expect(lines.filter((line) => /\d passed, \d failed/.test(line))).toEqual(['1 passed, 1 failed, 1 skipped']);
    expect(lines.at(-1)).toBe('1 passed, 1 failed, 1 skipped');
  });
});

/** Runs Jest on these files with nothing but the reporter, and merges what it writes as a terminal would. */
function runJest(files: Readonly<Record<string, string>>): { status: number | null; lines: string[] } {
  const directory = mkdtempSync(join(tmpdir(), 'toolyard-reporter-'));
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
    writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
    const reporter = join(import.meta.dirname, 'count.reporter.ts');
    writeFileSync(
      join(directory, 'jest.config.json'),
      JSON.stringify({ reporters: ['default', reporter], transform: {} }),
    );
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);

    const command = `exec "${process.execPath}" --experimental-vm-modules "${JEST}" --runInBand --no-cache 2>&1`;
    const { status, stdout } = spawnSync('sh', ['-c', command], { cwd: directory, encoding: 'utf8' });
    return { status, lines: stdout.trimEnd().split('\n') };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
