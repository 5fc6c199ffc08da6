import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PDFDocument, type PDFPage } from '@cantoo/pdf-lib';
import type { ToolResult, ToolRun } from 'toolyard/sdk';
import { countPages, onlyDocument, rewrite } from './document.ts';
import { pageSizes, type Size } from './page-sizes.ts';
import { inRanges, selectedPages } from './pages.ts';

/** Whether something lies on what the pages show, or under it. */
export type Layer = 'over' | 'under';

/** What is laid on pages. */
export interface Stamp {
  /** Pages for which this is the same share a sheet. */
  key(page: number, size: Size): string;
  /** Draws on a sheet that has the size of the page as it is shown; the origin is below, to the left. */
  draw(sheet: PDFPage): void;
}

/**
 * Lays sheets on pages of the only document. The sheets are made here, in a document of their own; the given document is
 * read by qpdf alone, which fits each sheet to its page, turned pages among them.
 *
 * @param prepare makes the stamp for so many pages: what it needs (fonts, pictures) goes into the document of the sheets
 */
export async function layOn(
  run: ToolRun,
  where: { readonly pages: string; readonly layer: Layer; readonly suffix: string },
  prepare: (sheets: PDFDocument, count: number) => Promise<Stamp>,
): Promise<ToolResult> {
  const { path } = onlyDocument(run);
  const total = await countPages(run, path);
  const pages = [...new Set(selectedPages(where.pages, total))];
  run.progress(0.1, 'Measuring pages');
  const sizes = await pageSizes(run, path, total, 'TrimBox');

  run.progress(0.3, `Making what is laid on ${pages.length} of ${total} pages`);
  const sheets = await PDFDocument.create({ updateMetadata: false });
  const stamp = await prepare(sheets, pages.length);
  const from = drawSheets(sheets, stamp, pages, sizes);
  const file = join(run.workspace, 'sheets.pdf');
  await writeFile(file, await sheets.save());

  run.progress(0.5, 'Laying it on');
  return rewrite(
    run,
    [`--${where.layer}lay`, file, `--from=${inRanges(from)}`, `--to=${inRanges(pages)}`, '--'],
    where.suffix,
  );
}

/** For each page, which sheet lies on it. */
function drawSheets(sheets: PDFDocument, stamp: Stamp, pages: readonly number[], sizes: readonly Size[]): number[] {
  const numbers = new Map<string, number>();
  return pages.map((page) => {
    const size = sizes[page - 1] ?? { width: 1, height: 1 };
    const key = stamp.key(page, size);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    stamp.draw(sheets.addPage([size.width, size.height]));
    numbers.set(key, numbers.size + 1);
    return numbers.size;
  });
}
