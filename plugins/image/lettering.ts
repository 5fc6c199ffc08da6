import sharp, { type Sharp } from 'sharp';
import type { Size } from './size.ts';

/** Letters that are too small cannot be drawn at all, and larger ones are only made small again. */
const SMALLEST: Size = { width: 64, height: 16 };
const LARGEST: Size = { width: 8_192, height: 2_048 };

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

export interface Lettering {
  /** Such as `#ffcc00`, with or without alpha. */
  readonly color: string;
  /** A family that every system knows. */
  readonly font: 'sans' | 'serif' | 'monospace';
}

/** Text in one colour on nothing, about as large as the box. Line ends are kept, markup is only text. */
export function paintText(text: string, box: Size, { color, font }: Lettering): Sharp {
  return sharp({
    text: {
      text: `<span foreground="${color}">${escaped(text)}</span>`,
      font,
      rgba: true,
      width: Math.min(Math.max(box.width, SMALLEST.width), LARGEST.width),
      height: Math.min(Math.max(box.height, SMALLEST.height), LARGEST.height),
      wrap: 'none',
    },
  });
}

/** What Pango reads as just these characters. Others that it would refuse, such as NUL, are left out. */
function escaped(text: string): string {
  const printable = text.toWellFormed().replaceAll(/[^\P{Cc}\n]/gu, ' ');
  return printable.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
