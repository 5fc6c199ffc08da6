import { z } from 'toolyard/sdk';
import type { Size } from './page-sizes.ts';

export const position = z.enum([
  'top-left',
  'top',
  'top-right',
  'left',
  'center',
  'right',
  'bottom-left',
  'bottom',
  'bottom-right',
]);

export type Position = z.output<typeof position>;

/** Where the lower left corner of something goes on a page, in points from its lower left corner. */
export function placed(where: Position, page: Size, thing: Size, margin: number): { x: number; y: number } {
  const right = page.width - thing.width - margin;
  const top = page.height - thing.height - margin;
  const x = where.endsWith('left') ? margin : where.endsWith('right') ? right : (page.width - thing.width) / 2;
  const y = where.startsWith('bottom') ? margin : where.startsWith('top') ? top : (page.height - thing.height) / 2;
  return { x, y };
}
