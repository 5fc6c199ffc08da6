import { writeFile } from 'node:fs/promises';
import { cacheDirectory } from '../../config/author.environment.js';
import type { Plugin } from '../../plugins/plugin.loader.js';
import type { Sandbox } from '../../sandbox/sandbox.js';
import { junitOf } from '../../trials/case.junit.js';
import { linesOfResult, summaryOf } from '../../trials/case.lines.js';
import { type CaseReport, isGood } from '../../trials/case.report.js';
import { runCases, type Selection } from '../../trials/case.runner.js';
import { CaseUpdate } from '../../trials/case.update.js';
import { FailedCases } from '../../trials/failed.cases.js';
import { withSandbox } from '../../trials/trial.ground.js';
import type { Print } from '../print.js';
import { UsageError } from '../remote/exit.codes.js';
import { pluginsIn } from './plugin.folders.js';

export interface CaseFlags {
  readonly case?: string;
  readonly failed?: true;
  readonly update?: true;
  readonly json?: true;
  readonly junit?: string;
}

/** `toolyard plugin test`. @throws UsageError when there is nothing to run */
export async function testCases(folders: readonly string[], flags: CaseFlags, print: Print): Promise<void> {
  const plugins = await pluginsIn(folders);
  const reports = await withSandbox(async (sandbox) => {
    const reports = [];
    for (const plugin of plugins) reports.push(await test(plugin, sandbox, flags, print));
    return reports;
  });
  if (reports.every(isEmpty)) throw new UsageError('There is no such case to run.');
  if (flags.junit !== undefined) await writeFile(flags.junit, junitOf(reports));
  if (!reports.every(isGood)) process.exitCode = 1;
}

async function test(plugin: Plugin, sandbox: Sandbox, flags: CaseFlags, print: Print): Promise<CaseReport> {
  const say = flags.json ? () => {} : print;
  const known = new FailedCases(cacheDirectory(), plugin.code.directory);
  const updates = flags.update && new CaseUpdate(plugin.code.directory);
  const report = await runCases(plugin, sandbox, await selection(known, flags, say), async (result, tried) => {
    linesOfResult(result).forEach(say);
    await updates?.note(result, tried.written, tried.ended);
  });
  await known.write(report);
  (await updates?.write())?.forEach(say);
  if (flags.json) print(JSON.stringify(report, null, 2));
  else summaryOf(report).forEach(print);
  return report;
}

async function selection(known: FailedCases, { case: name, failed }: CaseFlags, say: Print): Promise<Selection> {
  if (!failed) return { name };
  const before = await known.read();
  if (before.length > 0)
    return { name, only: (file, name) => before.some((one) => one.file === file && one.name === name) };
  say('No case is known to have failed, so all are run.');
  return { name };
}

function isEmpty({ results, faults }: CaseReport): boolean {
  return results.length === 0 && faults.length === 0;
}
