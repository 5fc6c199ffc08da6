import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolError, type InputFile, type ToolRun } from 'toolyard/sdk';
import { runProgram, UNREADABLE } from './failure.ts';
import { MAX_PAGES, MAX_PIXELS } from './limits.ts';
import type { Page, Picture, Source } from './source.ts';

/** What `pdfinfo -box` says of each page. A title that looks like such a line comes before the true ones. */
const BOX = /^Page +(\d+) (CropBox|TrimBox): +(-?[\d.]+) +(-?[\d.]+) +(-?[\d.]+) +(-?[\d.]+)$/gm;

/** Characters that a page must have to count as one with text: scanners write a number or a date on each. */
const ENOUGH_TEXT = 20;

export interface Drawing {
  readonly dpi: number;
  /** Whether pages that have text already are left as they are. */
  readonly keepText: boolean;
  /** Whether the pictures may go into a new document, and therefore need their colours. */
  readonly forDocument: boolean;
}

/** The pages of a document, to be drawn one by one. */
export async function pagesOf(input: InputFile, run: ToolRun, drawing: Drawing): Promise<Source> {
  const total = await countPages(input, run);
  const { crop, trim } = await boxes(input, run);
  checkSizes(crop, drawing.dpi);
  const texts = drawing.keepText ? await textsOf(input, run) : [];
  // What is laid on fits the trimmed sheet, and what is drawn shows the cropped one.
  const same = [...crop].every(([page, box]) => String(trim.get(page)) === String(box));
  const colours = drawing.forDocument && !same;
  const pages = Array.from({ length: total }, (_, index): Page => {
    const text = texts[index] ?? '';
    const picture = (): Promise<Picture> => draw(input, index + 1, run, { dpi: drawing.dpi, colours });
    return text.trim().length >= ENOUGH_TEXT && same ? { text, picture } : { picture };
  });
  return { pages, document: same ? input.path : undefined };
}

async function countPages({ path }: InputFile, run: ToolRun): Promise<number> {
  const { stdout } = await runProgram(run, 'qpdf', ['--no-warn', '--warning-exit-0', '--show-npages', path]);
  const total = Number(stdout);
  if (!(total > 0)) throw new ToolError('input_unreadable', UNREADABLE);
  if (total > MAX_PAGES) {
    throw new ToolError('too_many_pages', `The document has ${total} pages; ${MAX_PAGES} are the most.`);
  }
  return total;
}

type Boxes = ReadonlyMap<number, readonly number[]>;

async function boxes({ path }: InputFile, run: ToolRun): Promise<{ crop: Boxes; trim: Boxes }> {
  const { stdout } = await runProgram(run, 'pdfinfo', ['-box', '-f', '1', '-l', String(MAX_PAGES), path]);
  const crop = new Map<number, readonly number[]>();
  const trim = new Map<number, readonly number[]>();
  for (const [, page, which, ...corners] of stdout.matchAll(BOX)) {
    (which === 'CropBox' ? crop : trim).set(Number(page), corners.map(Number));
  }
  return { crop, trim };
}

function checkSizes(crop: Boxes, dpi: number): void {
  for (const [page, [left = 0, low = 0, right = 0, high = 0]] of crop) {
    const inches = (Math.abs(right - left) / 72) * (Math.abs(high - low) / 72);
    if (inches * dpi ** 2 <= MAX_PIXELS) continue;
    throw new ToolError('page_too_large', `At ${dpi} dpi, page ${page} would have more than 50 megapixels.`);
  }
}

/** The text of each page that has any. */
async function textsOf({ path }: InputFile, run: ToolRun): Promise<string[]> {
  const { stdout } = await runProgram(run, 'pdftotext', ['-q', '-enc', 'UTF-8', '-eol', 'unix', path, '-']);
  return stdout.split('\f');
}

async function draw(
  input: InputFile,
  page: number,
  run: ToolRun,
  { dpi, colours }: { readonly dpi: number; readonly colours: boolean },
): Promise<Picture> {
  const name = `drawn-${page}`;
  const which = ['-cropbox', '-f', String(page), '-l', String(page), '-singlefile'];
  const how = ['-r', String(dpi), colours ? '-jpeg' : '-gray'];
  await runProgram(run, 'pdftoppm', ['-q', ...which, ...how, input.path, join(run.workspace, name)]);
  const path = `${name}.${colours ? 'jpg' : 'pgm'}`;
  await access(join(run.workspace, path)).catch(() => {
    throw new ToolError('page_unreadable', `Page ${page} is too damaged to be drawn.`);
  });
  return { path, dpi, temporary: true };
}
