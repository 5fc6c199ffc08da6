import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { open } from '../plugins/image/decoders.ts';
import { FORMATS } from '../plugins/image/formats.ts';
import type { Expected } from './history.ts';

/** A task to ask for, and what must come of it. */
export interface Work {
  readonly tool: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly file?: { readonly name: string; readonly bytes: Buffer };
  readonly expected: Expected;
}

/** Pixels of a side, before and after. */
const SIDE = 48;
const SMALLER = 24;

export type Random = (limit: number) => number;

/** Answers with its options, so nothing is easier to recompute. */
export function echo(message: string, delayMs: number): Work {
  const options = { message, delay_ms: delayMs };
  return { tool: 'echo', options, expected: { status: 'completed', data: { ...options, fail: 'none' } } };
}

/** What a tool of the plugin `hostile` is told to do. */
export function hostile(deed: string, expected: Expected, target = ''): Work {
  return { tool: 'hostile', options: { deed, target }, expected };
}

/** The checksum of bytes that no other task has. */
export function hash(random: Random): Work {
  const bytes = noise(random, 2_000 + random(30_000));
  const file = { name: 'noise.bin', bytes };
  const data = { files: [{ name: file.name, size: bytes.length, digests: { sha256: sha256(bytes) } }] };
  return { tool: 'file-hash', options: {}, file, expected: { status: 'completed', data } };
}

/**
 * A picture that no other task has, made smaller here first, by the same library.
 *
 * @param scale how many pixels wide and high each of its pixels is drawn, for work that takes a while
 */
export async function image(random: Random, directory: string, scale = 1): Promise<Work> {
  const raw = { width: SIDE, height: SIDE, channels: 3 } as const;
  const drawn = sharp(noise(random, SIDE * SIDE * 3), { raw }).resize({ width: scale * SIDE, kernel: 'nearest' });
  const bytes = await drawn.png().toBuffer();
  const path = join(directory, `${sha256(bytes)}.png`);
  await writeFile(path, bytes);
  const width = scale * SMALLER;
  const resized = open(path, false).autoOrient().resize({ width, fit: 'inside', withoutEnlargement: true });
  const made = await FORMATS.webp.encode(resized, undefined).toBuffer();
  return {
    tool: 'image-convert',
    options: { format: 'webp', width },
    file: { name: 'noise.png', bytes },
    expected: { status: 'completed', outputs: [sha256(made)] },
  };
}

/** A batch as a day brings it: most tasks are short, some have a file, some make one. */
export async function batch(random: Random, directory: string, count: number): Promise<Work[]> {
  const made: Work[] = [];
  for (let index = 0; index < count; index++) {
    const die = random(10);
    if (die === 0) made.push(await image(random, directory));
    else if (die < 3) made.push(hash(random));
    else made.push(echo(`message ${index}`, random(200)));
  }
  return made;
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function noise(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random(256)));
}
