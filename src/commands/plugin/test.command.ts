import type { Command } from 'commander';
import type { Print } from '../print.js';
import type { CaseFlags } from './test.cases.js';
import type { TortureFlags } from './test.torture.js';

interface Flags extends CaseFlags, TortureFlags {
  readonly torture?: true;
}

export function addTestCommand(plugin: Command, print: Print): void {
  plugin
    .command('test [folders...]')
    .description('run the cases of plugins, each in the sandbox as in production; exit code 1 if one fails')
    .option('--case <name>', 'only the cases whose name contains this')
    .option('--failed', 'only the cases that failed when they were run last')
    .option('--update', 'write what came out into what is expected: sha256, data, json, and the fixtures of same_as')
    .option('--json', 'print JSON')
    .option('--junit <file>', "write the report as JUnit's XML, too")
    .option('--torture', 'do to the tools what no author writes a case for')
    .option('--seed <number>', 'torture: do again what was done with this seed')
    .option('--tool <name>', 'torture: only this tool')
    .option('--class <name>', 'torture: only this class')
    .option('--seconds <number>', 'torture: time for each tool, more or less', '8')
    .action(async (given: readonly string[], flags: Flags) => {
      const folders = given.length > 0 ? given : ['.'];
      if (flags.torture) await (await import('./test.torture.js')).torture(folders, flags, print);
      else await (await import('./test.cases.js')).testCases(folders, flags, print);
    });
}
