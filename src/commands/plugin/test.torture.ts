import { randomInt } from 'node:crypto';
import { linesOfTorture } from '../../trials/torture/torture.lines.js';
import { CLASS_NAMES } from '../../trials/torture/tool.torture.js';
import { torturePlugins, type TortureSelection } from '../../trials/torture/torture.runner.js';
import { processesLeft, withSandbox } from '../../trials/trial.ground.js';
import type { Print } from '../print.js';
import { UsageError } from '../remote/exit.codes.js';
import { pluginsIn } from './plugin.folders.js';

const MOST_SEED = 1_000_000;

export interface TortureFlags {
  readonly seed?: string;
  readonly tool?: string;
  readonly class?: string;
  readonly seconds: string;
  readonly json?: true;
}

/** `toolyard plugin test --torture`. @throws UsageError when a flag says nothing */
export async function torture(folders: readonly string[], flags: TortureFlags, print: Print): Promise<void> {
  const selection = selectionOf(flags);
  const plugins = await pluginsIn(folders);
  let home = '';
  const report = await withSandbox((sandbox, directory) => {
    home = directory;
    return torturePlugins(plugins, sandbox, selection, ({ tool, faults, ms, skipped }) => {
      if (flags.json) return;
      print(`${faults.length > 0 ? '✗' : '✓'} ${tool} ${skipped === null ? `(${ms} ms)` : `skipped: ${skipped}`}`);
    });
  });
  const left = processesLeft(home);
  if (report.tools.length === 0) throw new UsageError('There is no such tool to torture.');
  if (flags.json) print(JSON.stringify({ ...report, processes_left: left }, null, 2));
  else ['', ...linesOfTorture(report, selection.budgetMs / 1_000)].forEach(print);
  if (!flags.json) print(`${left} processes left.`);
  if (report.faults > 0 || left > 0) process.exitCode = 1;
}

/** Without a seed, any. */
function selectionOf({ seed, tool, class: name, seconds }: TortureFlags): TortureSelection {
  if (name !== undefined && !CLASS_NAMES.includes(name))
    throw new UsageError(`There is no class called ${name}. There are: ${CLASS_NAMES.join(', ')}.`);
  return {
    seed: seed === undefined ? randomInt(MOST_SEED) : numberIn('--seed', seed),
    budgetMs: numberIn('--seconds', seconds) * 1_000,
    tool,
    classes: name === undefined ? undefined : [name],
  };
}

function numberIn(flag: string, text: string): number {
  if (!/^\d{1,9}(\.\d{1,3})?$/.test(text)) throw new UsageError(`${flag} must be a number.`);
  return Number(text);
}
