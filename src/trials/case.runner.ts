import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plugin } from '../plugins/plugin.loader.js';
import { missingNeed } from '../plugins/needs.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import type { ToolDescription } from '../sandbox/tool.description.js';
import type { WrittenCase } from './case.file.js';
import { planCases, type Planned } from './case.plan.js';
import type { CaseReport, CaseResult } from './case.report.js';
import { checkExpectation } from './expectation.check.js';
import type { Fault } from './fault.js';
import { CaseFault, fixturePath, given } from './fixture.js';
import { type Ended, tryOut } from './trial.js';

/** Which cases are run. */
export interface Selection {
  /** Those whose name contains this. */
  readonly name?: string | undefined;
  /** Tells whether a case is run. */
  readonly only?: ((file: string, name: string) => boolean) | undefined;
}

/** What stood behind a result. The outputs exist as long as they are looked at here. */
export interface Tried {
  readonly written: WrittenCase;
  /** Undefined when the case was skipped, or could not be run as it is written. */
  readonly ended: Ended | undefined;
}

/**
 * Runs the cases of a plugin, one after the other, each in the sandbox as in production. Rejects only when no child can
 * be started at all.
 *
 * @param onResult told each case when it ended
 */
export async function runCases(
  plugin: Plugin,
  sandbox: Sandbox,
  selection: Selection = {},
  onResult: (result: CaseResult, tried: Tried) => void | Promise<void> = () => {},
): Promise<CaseReport> {
  const since = performance.now();
  const { planned, faults } = await planCases(plugin, sandbox);
  const results: CaseResult[] = [];
  for (const one of planned.filter((one) => isSelected(one, selection))) {
    const directory = await realpath(await mkdtemp(join(tmpdir(), 'toolyard-case-')));
    try {
      const { result, ended } = await runCase(plugin, sandbox, one, directory);
      results.push(result);
      await onResult(result, { written: one.written, ended });
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
  const count = (status: CaseResult['status']) => results.filter((result) => result.status === status).length;
  return {
    plugin: plugin.code.name,
    version: plugin.version,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    results,
    faults,
    ms: Math.round(performance.now() - since),
  };
}

function isSelected({ file, written }: Planned, { name, only }: Selection): boolean {
  return (name === undefined || written.name.includes(name)) && (only?.(file, written.name) ?? true);
}

async function runCase(
  plugin: Plugin,
  sandbox: Sandbox,
  { file, tool, written }: Planned,
  directory: string,
): Promise<{ result: CaseResult; ended?: Ended }> {
  const known = { file, line: written.line, tool: tool.name, name: written.name, faults: [] };
  const missing = missingNeed({ ...tool, requires: [...tool.requires, ...written.requires] }, plugin.code.permissions);
  if (missing !== undefined) return { result: { ...known, status: 'skipped', reason: missing, ms: 0 } };

  const since = performance.now();
  const { ended, faults } = await tryCase(plugin, sandbox, tool, written, directory);
  const status = faults.length === 0 ? 'passed' : 'failed';
  const ms = Math.round(performance.now() - since);
  const words = [ended?.detail, ended?.log].filter(Boolean).join('\n');
  const reason = faults.length > 0 && words !== '' ? words : null;
  return { result: { ...known, status, faults, reason, ms }, ...(ended && { ended }) };
}

async function tryCase(
  plugin: Plugin,
  sandbox: Sandbox,
  tool: ToolDescription,
  { inputs, options, expect }: WrittenCase,
  directory: string,
): Promise<{ ended?: Ended; faults: Fault[] }> {
  const home = plugin.code.directory;
  try {
    const files = [];
    for (const { file, name } of inputs) files.push(await given(await fixturePath(home, file), name));
    const ended = await tryOut(sandbox, { plugin: plugin.code, tool, inputs: files, options }, directory);
    return { ended, faults: await checkExpectation(expect, ended, { sandbox, directory: home }) };
  } catch (error) {
    if (!(error instanceof CaseFault)) throw error;
    return { faults: [{ where: 'the case itself', expected: 'one that can be run', found: error.message }] };
  }
}
