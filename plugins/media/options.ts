import { parse } from 'node:path';
import { z, type InputFile } from 'toolyard/sdk';

/** A time or a length in seconds. */
export const seconds = z.number().min(0).max(21_600);

export const keepMetadata = z
  .boolean()
  .default(false)
  .describe('Whether title, artist, place and the like go into the new file. Otherwise nothing of it does.');

/** Which of what is said about a file goes into the next. */
export function metadata(keep: boolean): string[] {
  return ['-map_metadata', keep ? '0' : '-1', '-map_chapters', keep ? '0' : '-1'];
}

/** The name of the input with another extension. */
export function rename({ name }: InputFile, extension: string): string {
  return `${parse(name).name || 'media'}.${extension}`;
}

/** The filter that makes a picture fit into a box, never larger, both sides even. */
export function scaledInto(width: number, height: number): string {
  return `scale=w='min(iw,${width})':h='min(ih,${height})':force_original_aspect_ratio=decrease:force_divisible_by=2`;
}
