import type { ToolRun } from 'toolyard/sdk';
import { runProgram } from './failure.ts';
import { MAX_PAGES } from './limits.ts';

/** Points (1/72 inch), as the page is shown: turned already. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What `pdfinfo` says of each page. A title cannot pretend to be such a line: these come after it, and the last counts. */
const LINE = /^Page +(\d+) (rot|CropBox|TrimBox): +(-?[\d.]+)(?: +(-?[\d.]+) +(-?[\d.]+) +(-?[\d.]+))?$/gm;

const A4: Size = { width: 595, height: 842 };

/** The sizes of all pages, from the first: of what is shown of them (`CropBox`), or of the finished sheet (`TrimBox`). */
export async function pageSizes(
  run: ToolRun,
  path: string,
  total: number,
  wanted: 'CropBox' | 'TrimBox',
): Promise<Size[]> {
  const { stdout } = await runProgram(run, 'pdfinfo', ['-box', '-f', '1', '-l', String(MAX_PAGES), path]);
  const turned = new Map<number, boolean>();
  const sizes = new Map<number, Size>();
  for (const [, page, what, ...numbers] of stdout.matchAll(LINE)) {
    const [a = 0, b = 0, c = 0, d = 0] = numbers.map(Number);
    if (what === 'rot') turned.set(Number(page), a % 180 !== 0);
    else if (what === wanted) sizes.set(Number(page), { width: Math.abs(c - a), height: Math.abs(d - b) });
  }
  return Array.from({ length: total }, (_, index) => {
    const { width, height } = sizes.get(index + 1) ?? A4;
    if (width === 0 || height === 0) return A4;
    return turned.get(index + 1) ? { width: height, height: width } : { width, height };
  });
}
