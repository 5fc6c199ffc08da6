import { writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Plugin } from '../../plugins/plugin.loader.js';
import type { CaseReport } from '../../trials/case.report.js';
import type { Selection } from '../../trials/case.runner.js';
import type { Print } from '../print.js';
import { UsageError } from '../remote/exit.codes.js';

interface Flags {
  readonly case?: string;
  readonly failed?: true;
  readonly update?: true;
  readonly json?: true;
  readonly junit?: string;
  readonly torture?: true;
  readonly seed?: string;
  readonly tool?: string;
  readonly class?: string;
  readonly seconds: string;
}

export function addTestCommand(plugin: Command, print: Print): void {
  plugin
    .command('test [folder]')
    .description('run the cases of a plugin, each in the sandbox as in production; exit code 1 if one fails')
    .option('--case <name>', 'only the cases whose name contains this')
    .option('--failed', 'only the cases that failed when they were run last')
    .option('--update', 'write what came out into what is expected: sha256, data, json, and the fixtures of same_as')
    .option('--json', 'print one JSON document')
    .option('--junit <file>', "write the report as JUnit's XML, too")
    .option('--torture', 'do to the tools what no author writes a case for')
    .option('--seed <number>', 'torture: do again what was done with this seed')
    .option('--tool <name>', 'torture: only this tool')
    .option('--class <name>', 'torture: only this class')
    .option('--seconds <number>', 'torture: time for each tool, more or less', '8')
    .action((folder: string | undefined, flags: Flags) =>
      flags.torture ? torture(folder ?? '.', flags, print) : test(folder ?? '.', flags, print),
    );
}

async function test(folder: string, flags: Flags, print: Print): Promise<void> {
  const [{ cacheDirectory }, { FailedCases }, { isGood }, { summaryOf }] = await Promise.all([
    import('../../config/author.environment.js'),
    import('../../trials/failed.cases.js'),
    import('../../trials/case.report.js'),
    import('../../trials/case.lines.js'),
  ]);
  const plugin = await pluginIn(folder);
  const known = new FailedCases(cacheDirectory(), plugin.code.directory);
  const failed = flags.failed ? await known.read() : [];
  const only = (file: string, name: string) => failed.some((one) => one.file === file && one.name === name);
  const say = flags.json ? () => {} : print;
  if (flags.failed && failed.length === 0) say('No case is known to have failed, so all are run.');
  const report = await run(plugin, { name: flags.case, only: failed.length > 0 ? only : undefined }, flags, say);
  if (report.results.length === 0 && report.faults.length === 0) throw new UsageError('There is no such case to run.');
  await known.write(report);
  if (flags.junit !== undefined) await writeJunit(flags.junit, report);
  if (flags.json) print(JSON.stringify(report, null, 2));
  else summaryOf(report).forEach(print);
  if (!isGood(report)) process.exitCode = 1;
}

async function run(plugin: Plugin, selection: Selection, { update }: Flags, say: Print): Promise<CaseReport> {
  const [{ linesOfResult }, { runCases }, { withSandbox }] = await Promise.all([
    import('../../trials/case.lines.js'),
    import('../../trials/case.runner.js'),
    import('../../trials/trial.ground.js'),
  ]);
  const updates = update && new (await import('../../trials/case.update.js')).CaseUpdate(plugin.code.directory);
  const report = await withSandbox((sandbox) =>
    runCases(plugin, sandbox, selection, async (result, { written, ended }) => {
      linesOfResult(result).forEach(say);
      if (updates) await updates.note(result, written, ended);
    }),
  );
  if (updates) (await updates.write()).forEach(say);
  return report;
}

async function torture(folder: string, flags: Flags, print: Print): Promise<void> {
  const [{ tortureSelection }, { torturePlugins }, { linesOfTorture }, { withSandbox }] = await Promise.all([
    import('./torture.flags.js'),
    import('../../trials/torture/torture.runner.js'),
    import('../../trials/torture/torture.lines.js'),
    import('../../trials/trial.ground.js'),
  ]);
  const selection = tortureSelection(flags);
  const plugin = await pluginIn(folder);
  const report = await withSandbox((sandbox) => torturePlugins([plugin], sandbox, selection));
  if (report.tools.length === 0) throw new UsageError('There is no such tool to torture.');
  if (flags.json) print(JSON.stringify(report, null, 2));
  else linesOfTorture(report, selection.budgetMs / 1_000).forEach(print);
  if (report.faults > 0) process.exitCode = 1;
}

async function writeJunit(path: string, report: CaseReport): Promise<void> {
  const { junitOf } = await import('../../trials/case.junit.js');
  await writeFile(path, junitOf(report));
}

async function pluginIn(folder: string): Promise<Plugin> {
  const { loadPlugin } = await import('../../plugins/plugin.loader.js');
  const path = resolve(folder);
  const found = await loadPlugin(dirname(path), basename(path));
  if ('code' in found) return found;
  throw new Error(`${folder} is no plugin: it ${found.reason}.`);
}
