import type { SeededRandom } from './random.js';

/** What becomes of an input. */
export interface Mutation {
  /** In words: `cut after 17 of 160 bytes`. */
  readonly what: string;
  readonly bytes: Buffer;
}

/** A file that is shorter is cut everywhere. */
const TINY_BYTES = 48;
const CUTS = 24;
const FLIPS = 24;
const MOST_BITS = 16;
const BITS_PER_BYTE = 8;

/** The beginnings of other files: a decoder that trusts them goes on. */
const STRANGERS: Readonly<Record<string, Buffer>> = {
  'a text': Buffer.from('This is a text, and nothing else.\n'.repeat(20)),
  'JSON, nested deep': Buffer.from(`${'['.repeat(20_000)}${']'.repeat(20_000)}`),
  'a web page': Buffer.from('<!doctype html><html><script>while(true);</script><img src=x onerror=alert(1)></html>'),
  'the head of a PDF': Buffer.from('%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 1 0 R >>\nendobj\n'),
  'the head of a ZIP': Buffer.from('504b03041400000008000000210000000000ffffffffffffffff0800ffff', 'hex'),
  'the head of a PNG': Buffer.from('89504e470d0a1a0a0000000d49484452ffffffffffffffff1006000000', 'hex'),
  'the head of an MP4': Buffer.from('00000018667479706d703432000000006d70343269736f6dffffffff6d6f6f76', 'hex'),
  'only zeros': Buffer.alloc(4_096),
  'XML with a bomb': Buffer.from(
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;&c;</a>',
  ),
  'a table with ragged rows': Buffer.from('a,b,c\n1,2\n"3\n4,5,6,7,8\n'),
};

export function cuts(bytes: Buffer): Mutation[] {
  return lengths(bytes.length).map((length) => ({
    what: `cut after ${length} of ${bytes.length} bytes`,
    bytes: bytes.subarray(0, length),
  }));
}

/** All for a tiny file; otherwise spread, closer at both ends, where headers and directories are. */
function lengths(size: number): number[] {
  if (size <= TINY_BYTES) return Array.from({ length: Math.max(0, size - 1) }, (_, index) => index + 1);
  const spread = Array.from({ length: CUTS - 10 }, (_, index) => Math.round(((index + 1) * size) / (CUTS - 9)));
  const all = [2, 4, 8, 12, 16, 32, ...spread, size - 16, size - 4, size - 2, size - 1];
  return [...new Set(all)].filter((length) => length > 1 && length < size).toSorted((a, b) => a - b);
}

export function strangers(random: SeededRandom): Mutation[] {
  const noise = Buffer.from(Array.from({ length: 2_048 }, () => random.below(256)));
  return [...Object.entries(STRANGERS), ['noise', noise] as const].map(([what, bytes]) => ({ what, bytes }));
}

export function flips(bytes: Buffer, random: SeededRandom): Mutation[] {
  if (bytes.length === 0) return [];
  return Array.from({ length: FLIPS }, () => flipped(bytes, 1 + random.below(MOST_BITS), random));
}

function flipped(bytes: Buffer, bits: number, random: SeededRandom): Mutation {
  const copy = Buffer.from(bytes);
  for (let flip = 0; flip < bits; flip++) {
    const at = random.below(copy.length * BITS_PER_BYTE);
    const byte = Math.floor(at / BITS_PER_BYTE);
    copy[byte] = (copy[byte] ?? 0) ^ (1 << (at % BITS_PER_BYTE));
  }
  return { what: `${bits} of ${copy.length * BITS_PER_BYTE} bits flipped`, bytes: copy };
}

/** Names as they can reach a tool: made harmless already, and still strange. */
export const NAMES: readonly string[] = [
  'a'.repeat(251) + '.bin',
  '漢'.repeat(84) + '.b',
  'e\u0301\u0323'.repeat(30) + '.bin',
  '👩🏽‍🚀🏳️‍🌈.bin',
  'אבג مرحبا.bin',
  '-rf',
  '--help',
  '@list',
  "$(touch broken); `id` 'a' & b.bin",
  '%s%n%d.bin',
  '.hidden',
  'no extension',
  'two..dots...bin',
  '[glob]{a,b}.bin',
];
