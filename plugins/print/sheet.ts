import { z } from 'toolyard/sdk';

/** What both tools ask for the sheets. */
export const sheetOptions = {
  format: z.enum(['a3', 'a4', 'a5', 'letter', 'legal']).default('a4').describe('Size of the sheets.'),
  landscape: z.boolean().default(false).describe('Whether the sheets lie on their long side.'),
  margin: z.int().min(0).max(100).default(20).describe('Millimetres of white on each side.'),
  page_numbers: z.boolean().default(false).describe('Whether the number of each page and of all stands below it.'),
};

export type Sheet = z.output<z.ZodObject<typeof sheetOptions>>;

/** The style of the sheets. A document that has rules of its own for `@page` overrides it. */
export function sheetStyle({ format, landscape, margin, page_numbers: numbers }: Sheet): string {
  const footer = numbers
    ? '@bottom-center { content: counter(page) " / " counter(pages); font: 9pt sans-serif; color: #555 }'
    : '';
  return `@page { size: ${format} ${landscape ? 'landscape' : 'portrait'}; margin: ${margin}mm; ${footer} }`;
}
