import { stat } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { ToolError, type InputFile, type OutputFile, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { NOT_A_PDF, runProgram } from './failure.ts';
import { MAX_OBJECTS, MAX_PAGES } from './limits.ts';

/**
 * Arguments of qpdf for everything that it writes. Warnings are no failures (exit code 3 would be), and a damaged
 * document can have a million of them. The identifier follows from the content, so that the same work gives the same bytes.
 */
export const QUIETLY = ['--no-warn', '--warning-exit-0'] as const;
export const WRITING = [...QUIETLY, '--deterministic-id'] as const;

/** What qpdf prints of a document: its pages, and then its trailer, with the number of its objects. */
const COUNTS = /^(\d+)\n(?:.*\/Size (\d+))?/;

/** The one document that the tool is for. */
export function onlyDocument({ inputs }: ToolRun): InputFile {
  const [input] = inputs;
  if (input === undefined) throw new ToolError('pdf_missing', 'There is no document.');
  return input;
}

/** How many pages a document has: it must be a PDF, not locked, and not too large. */
export async function countPages(run: ToolRun, path: string): Promise<number> {
  const { stdout } = await runProgram(run, 'qpdf', [...QUIETLY, '--show-npages', '--show-object=trailer', path]);
  const [, pages = NaN, objects = 0] = (COUNTS.exec(stdout) ?? []).map(Number);
  if (!Number.isSafeInteger(pages)) throw new ToolError('pdf_unreadable', NOT_A_PDF);
  if (objects > MAX_OBJECTS) {
    throw new ToolError('too_many_objects', `The document has ${objects} objects; ${MAX_OBJECTS} are the most.`);
  }
  return checked(pages);
}

/** The same of a document that qpdf has just written: poppler believes what stands in it, and is four times as fast. */
export async function countWrittenPages(run: ToolRun, path: string): Promise<number> {
  const { stdout } = await runProgram(run, 'pdfinfo', [path]);
  return checked(Number(/^Pages:\s+(\d+)$/m.exec(stdout)?.[1] ?? 0));
}

function checked(pages: number): number {
  if (pages === 0) throw new ToolError('pdf_unreadable', 'The document has no pages.');
  if (pages > MAX_PAGES) {
    throw new ToolError('too_many_pages', `The document has ${pages} pages; ${MAX_PAGES} are the most.`);
  }
  return pages;
}

/** The name of the input without its extension. */
export function stem({ name }: InputFile): string {
  return parse(name).name || 'document';
}

/** Where a tool puts its only output. */
export function resultPath({ workspace }: ToolRun): string {
  return join(workspace, 'result.pdf');
}

/** A result of one document that has the name of the input, with something added to it. */
export function renamed(input: InputFile, path: string, suffix: string): OutputFile {
  return { path, name: `${stem(input)}${suffix}.pdf` };
}

/** Lets qpdf rewrite the only document: `args` stand between the document and the result. */
export async function rewrite(run: ToolRun, args: readonly string[], suffix: string): Promise<ToolResult> {
  const input = onlyDocument(run);
  const path = resultPath(run);
  await runProgram(run, 'qpdf', [...WRITING, input.path, ...args, path]);
  const pages = await countPages(run, path);
  const { size } = await stat(path);
  return { outputs: [renamed(input, path, suffix)], data: { pages, bytes: size } };
}
