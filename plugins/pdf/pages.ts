import { ToolError, z } from 'toolyard/sdk';
import { MAX_PAGES } from './limits.ts';

const PAGE = String.raw`(\d{1,6}|last)`;
const SELECTION = new RegExp(`^ *${PAGE}( *- *${PAGE})?( *, *${PAGE}( *- *${PAGE})?)* *$`);

/** How pages are named: `1-3, 7, last`. A range may run backwards. */
export const selection = z.string().max(2_000).regex(SELECTION, 'must be pages such as 1-3, 7, 9-last');

/**
 * The numbers of the pages that a selection names, in its order, from 1. Throws ToolError when the document does not have
 * one of them.
 */
export function selectedPages(text: string, total: number): number[] {
  const pages: number[] = [];
  for (const part of text.split(',')) {
    const [first = 0, last = first] = part.split('-').map((word) => pageNumber(word.trim(), total));
    const step = first <= last ? 1 : -1;
    for (let page = first; page !== last + step; page += step) pages.push(page);
    if (pages.length > MAX_PAGES) {
      throw new ToolError('too_many_pages', `The selection names more than ${MAX_PAGES} pages.`);
    }
  }
  return pages;
}

function pageNumber(word: string, total: number): number {
  const page = word === 'last' ? total : Number(word);
  if (page >= 1 && page <= total) return page;
  throw new ToolError('page_missing', `There is no page ${page}: the document has ${total}.`);
}

/** The same pages for qpdf, with runs written as ranges: an argument has a greatest length. */
export function inRanges(pages: readonly number[]): string {
  const ranges: string[] = [];
  for (let start = 0; start < pages.length;) {
    let end = start;
    while (pages[end + 1] === (pages[end] ?? 0) + 1) end += 1;
    ranges.push(end === start ? `${pages[start]}` : `${pages[start]}-${pages[end]}`);
    start = end + 1;
  }
  return ranges.join(',');
}
