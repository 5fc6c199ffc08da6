import { join } from 'node:path';
import type { ToolRun } from 'toolyard/sdk';
import { runProgram } from './failure.ts';

/** Warnings are no failures, and the identifier follows from the content. */
const WRITING = ['--no-warn', '--warning-exit-0', '--deterministic-id'] as const;

/** A document that shows what the original shows, with the recognised letters unseen on top. @returns its path */
export async function layText(
  run: ToolRun,
  original: string,
  recognised: readonly (string | undefined)[],
): Promise<string> {
  const path = join(run.workspace, 'searchable.pdf');
  const numbered = recognised.flatMap((page, index) => (page === undefined ? [] : { page, number: index + 1 }));
  if (numbered.length === 0) {
    await runProgram(run, 'qpdf', [...WRITING, original, path]);
    return path;
  }
  const letters = await joinPages(
    run,
    numbered.map(({ page }) => page),
    'letters.pdf',
  );
  const to = numbered.map(({ number }) => number).join(',');
  await runProgram(run, 'qpdf', [...WRITING, original, '--overlay', letters, `--to=${to}`, '--', path]);
  return path;
}

/** A document of documents of one page each. @returns its path */
export async function joinPages(run: ToolRun, pages: readonly string[], name = 'searchable.pdf'): Promise<string> {
  const path = join(run.workspace, name);
  await runProgram(run, 'qpdf', [...WRITING, '--empty', '--pages', ...pages, '--', path]);
  return path;
}
