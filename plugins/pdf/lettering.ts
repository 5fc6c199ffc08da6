import { type PDFDocument, type PDFFont, rgb, type RGB, StandardFonts } from '@cantoo/pdf-lib';
import { ToolError, z } from 'toolyard/sdk';

/** `#rrggbb`. */
export const colour = z.string().regex(/^#[0-9A-Fa-f]{6}$/, 'must be a colour such as #cc0000');

export function inInk(text: z.output<typeof colour>): RGB {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16) / 255);
  return rgb(red, green, blue);
}

/**
 * A font that every program for PDF has, and that therefore need not be embedded: it knows the letters of western Europe.
 * Throws ToolError when the text has others.
 */
export async function fontFor(text: string, document: PDFDocument): Promise<PDFFont> {
  const font = await document.embedFont(StandardFonts.HelveticaBold);
  const known = new Set(font.getCharacterSet());
  const stranger = Array.from(text).find((letter) => !known.has(letter.codePointAt(0) ?? 0));
  if (stranger !== undefined) {
    throw new ToolError('text_unprintable', `The font has no letter ${stranger}: it knows those of western Europe.`);
  }
  return font;
}
