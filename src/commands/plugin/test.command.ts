import { basename, dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Plugin } from '../../plugins/plugin.loader.js';
import type { Print } from '../print.js';

interface Flags {
  readonly case?: string;
  readonly json?: true;
}

export function addTestCommand(plugin: Command, print: Print): void {
  plugin
    .command('test [folder]')
    .description('run the cases of a plugin, each in the sandbox as in production; exit code 1 if one fails')
    .option('--case <name>', 'only the cases whose name contains this')
    .option('--json', 'print one JSON document')
    .action((folder: string | undefined, flags: Flags) => test(folder ?? '.', flags, print));
}

async function test(folder: string, flags: Flags, print: Print): Promise<void> {
  const { isGood } = await import('../../trials/case.report.js');
  const { linesOfResult, summaryOf } = await import('../../trials/case.lines.js');
  const { runCases } = await import('../../trials/case.runner.js');
  const { withSandbox } = await import('../../trials/trial.ground.js');
  const plugin = await pluginIn(folder);
  const report = await withSandbox((sandbox) =>
    runCases(plugin, sandbox, { name: flags.case }, (result) => {
      if (!flags.json) linesOfResult(result).forEach(print);
    }),
  );
  if (flags.json) print(JSON.stringify(report, null, 2));
  else summaryOf(report).forEach(print);
  if (!isGood(report)) process.exitCode = 1;
}

async function pluginIn(folder: string): Promise<Plugin> {
  const { loadPlugin } = await import('../../plugins/plugin.loader.js');
  const path = resolve(folder);
  const found = await loadPlugin(dirname(path), basename(path));
  if ('code' in found) return found;
  throw new Error(`${folder} is no plugin: it ${found.reason}.`);
}
