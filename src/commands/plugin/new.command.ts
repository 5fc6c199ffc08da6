import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Wanted } from '../../authoring/questions.js';
import type { Print } from '../print.js';

interface Flags {
  readonly yes?: true;
  readonly title?: string;
  readonly description?: string;
  readonly license?: string;
  readonly kind?: string;
  readonly fromCommand?: string;
  readonly example?: string[];
}

export function addNewCommand(plugin: Command, print: Print): void {
  plugin
    .command('new')
    .argument('[name]', 'kebab-case: the folder, the plugin and its tool, such as text-case')
    .description('begin a plugin: a tool that works, its manifest, cases, README and what a CI server needs')
    .addOption(
      new Option('--kind <kind>', 'a class in TypeScript, or a program of the system').choices(['class', 'command']),
    )
    .option('--title <title>', 'a few words for lists')
    .option('--description <sentence>', 'what the tool does')
    .option('--license <identifier>', 'SPDX identifier, such as MIT')
    .option('--from-command <line>', 'a command that works, such as "qpdf --linearize in.pdf out.pdf"')
    .option('--example <file...>', 'with --from-command: files to run it on, in place of those that it names')
    .option('-y, --yes', 'ask nothing')
    .action(async (name: string | undefined, flags: Flags) => {
      const { blueprintFrom } = await import('../../authoring/questions.js');
      const wanted = await blueprintFrom({ ...flags, name }, !flags.yes && process.stdin.isTTY);
      const written = await make(wanted, flags.example ?? []);
      print(`${wanted.name}/ has ${written.length} files:`);
      written.forEach((path) => print(`  ${path}`));
      print(`Next: cd ${wanted.name} && toolyard plugin dev`);
    });
}

async function make(wanted: Wanted, examples: readonly string[]): Promise<string[]> {
  const folder = resolve(wanted.name);
  const { command } = wanted;
  if (command === undefined) {
    const { scaffold } = await import('../../authoring/scaffold.js');
    return scaffold(folder, wanted);
  }
  const { scaffoldCommand } = await import('../../authoring/command.scaffold.js');
  const { withSandbox } = await import('../../trials/trial.ground.js');
  return withSandbox((sandbox) => scaffoldCommand(folder, { ...wanted, command, examples }, sandbox));
}
