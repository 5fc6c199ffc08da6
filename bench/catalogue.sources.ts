import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PDFDocument } from '@cantoo/pdf-lib';
import sharp from 'sharp';
import { randomNumbers } from '../test/random.ts';
import { writeSource } from './csv.source.ts';

const SEED = 20_261_121;
const WORDS = 'the quick brown fox jumps over a lazy dog while seven grey wolves drink from one cold river'.split(' ');

/** A file that is an input of a tool, and of the bare work. */
export interface Source {
  readonly path: string;
  readonly name: string;
}

/** A JPEG of 24 megapixels. */
export async function photographs(directory: string): Promise<Source[]> {
  const noise = { type: 'gaussian', mean: 128, sigma: 30 } as const;
  const create = { width: 6_000, height: 4_000, channels: 3, background: '#888', noise } as const;
  const name = 'photograph.jpg';
  await sharp({ create }).jpeg().toFile(join(directory, name));
  return [{ path: join(directory, name), name }];
}

/** Twenty documents of 200 pages with text, so that there is something to renumber. */
export async function documents(directory: string): Promise<Source[]> {
  const pdf = await PDFDocument.create();
  const random = randomNumbers(SEED);
  for (let page = 0; page < 200; page++) {
    const sheet = pdf.addPage([595, 842]);
    for (let line = 0; line < 50; line++) sheet.drawText(sentence(random), { x: 40, y: 800 - 15 * line, size: 10 });
  }
  const bytes = await pdf.save();
  return write(
    directory,
    Array.from({ length: 20 }, (_, index) => [`document-${index}.pdf`, bytes]),
  );
}

/** A thousand files of 100 kB that can be compressed as text can. */
export async function texts(directory: string): Promise<Source[]> {
  const random = randomNumbers(SEED);
  const paragraphs = Array.from({ length: 400 }, () => sentence(random));
  return write(
    directory,
    Array.from({ length: 1_000 }, (_, index) => [`text-${index}.txt`, Buffer.from(text(paragraphs, random, 100_000))]),
  );
}

/** A page of text at 300 dots per inch. */
export async function scans(directory: string): Promise<Source[]> {
  const random = randomNumbers(SEED);
  const lines = Array.from(
    { length: 45 },
    (_, line) => `<text x="150" y="${200 + 66 * line}">${sentence(random)}</text>`,
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="2480" height="3508" font-family="DejaVu Sans, sans-serif" font-size="40"><rect width="100%" height="100%" fill="white"/>${lines.join('')}</svg>`;
  const name = 'scan.png';
  await sharp(Buffer.from(svg)).greyscale().png().toFile(join(directory, name));
  return [{ path: join(directory, name), name }];
}

function sentence(random: (below: number) => number): string {
  return Array.from({ length: 12 }, () => WORDS[random(WORDS.length)]).join(' ');
}

function text(paragraphs: readonly string[], random: (below: number) => number, length: number): string {
  let made = '';
  while (made.length < length) made += `${random(1_000_000)} ${paragraphs[random(paragraphs.length)]}\n`;
  return made;
}

async function write(directory: string, files: readonly (readonly [string, Uint8Array])[]): Promise<Source[]> {
  await Promise.all(files.map(([name, bytes]) => writeFile(join(directory, name), bytes)));
  return files.map(([name]) => ({ path: join(directory, name), name }));
}

/** A CSV of 200 MB without a fault. */
export async function tables(directory: string): Promise<Source[]> {
  const name = 'table.csv';
  const path = join(directory, name);
  await writeSource(path, { encoding: 'utf-8', broken: false, mixed: false });
  return [{ path, name }];
}
