import type { Command } from 'commander';
import type { Finding } from '../../authoring/lint/finding.js';
import type { Print } from '../print.js';

interface Flags {
  readonly fix?: true;
  readonly json?: true;
}

export function addLintCommand(plugin: Command, print: Print): void {
  plugin
    .command('lint [folder]')
    .description('tell what a plugin lacks or does not declare; exit code 1 when there is something')
    .option('--fix', 'mend what can be mended in only one way')
    .option('--json', 'print one JSON document')
    .action((folder: string | undefined, flags: Flags) => check(folder ?? '.', flags, print));
}

async function check(folder: string, flags: Flags, print: Print): Promise<void> {
  const { lint, mend } = await import('../../authoring/lint/lint.js');
  const { withSandbox } = await import('../../trials/trial.ground.js');
  const { mended, findings } = await withSandbox(async (sandbox) => {
    const first = await lint(folder, sandbox);
    const mended = flags.fix ? await mend(folder, first) : 0;
    return { mended, findings: mended > 0 ? await lint(folder, sandbox) : first };
  });
  if (flags.json) print(JSON.stringify({ mended, findings: findings.map(documentOf) }, null, 2));
  else [...findings.flatMap(linesOf), summary(findings, mended)].forEach(print);
  if (findings.length > 0) process.exitCode = 1;
}

function documentOf({ rule, file, line, sentence, mend, fix }: Finding) {
  return { rule, file, line, sentence, mend, fixable: fix !== undefined };
}

function linesOf({ rule, file, line, sentence, mend }: Finding): string[] {
  return [`${line === null ? file : `${file}:${line}`}  ${rule}: ${sentence}`, `    ${mend}`];
}

function summary(findings: readonly Finding[], mended: number): string {
  const before = mended > 0 ? `Mended: ${mended}. ` : '';
  if (findings.length === 0) return `${before}There is nothing to mend.`;
  const fixable = findings.filter(({ fix }) => fix !== undefined).length;
  return `${before}To mend: ${findings.length}${fixable > 0 ? `, of which --fix mends ${fixable}` : ''}.`;
}
