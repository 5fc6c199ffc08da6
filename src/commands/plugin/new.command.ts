import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Print } from '../print.js';

interface Flags {
  readonly yes?: true;
  readonly title?: string;
  readonly description?: string;
  readonly license?: string;
  readonly kind?: string;
  readonly fromCommand?: string;
  readonly example?: string;
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
    .option('--example <file>', 'with --from-command: a file to run it on, for the first case')
    .option('-y, --yes', 'ask nothing')
    .action(async (name: string | undefined, flags: Flags) => {
      const { blueprintFrom } = await import('../../authoring/questions.js');
      const { scaffold } = await import('../../authoring/scaffold.js');
      const blueprint = await blueprintFrom({ ...flags, name }, !flags.yes && process.stdin.isTTY);
      const written = await scaffold(resolve(blueprint.name), blueprint);
      print(`${blueprint.name}/ has ${written.length} files:`);
      written.forEach((path) => print(`  ${path}`));
      print(`Next: cd ${blueprint.name} && toolyard plugin dev`);
    });
}
