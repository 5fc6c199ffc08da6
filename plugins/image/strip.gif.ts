import { broken, piece } from './strip.ts';

const EXTENSION = 0x21;
const IMAGE = 0x2c;
const END = 0x3b;
const CONTROL = 0xf9;
const APPLICATION = 0xff;
/** How often an animation is played. */
const LOOPS = ['NETSCAPE2.0', 'ANIMEXTS1.0'];

/** GIF89a: a screen, then blocks. Of the extensions only those stay that say how frames are shown. */
export function stripGif(file: Buffer): Uint8Array[] {
  const screen = piece(file, 0, 13);
  const kept: Uint8Array[] = [];
  let at = 13 + tableLength(screen[10] ?? 0);
  kept.push(piece(file, 0, at));
  for (;;) {
    const [kind, label] = piece(file, at, at + 2 <= file.length ? at + 2 : at + 1);
    if (kind === END) return [...kept, Buffer.of(END)];
    const end = kind === IMAGE ? endOfImage(file, at) : endOfExtension(file, at, kind);
    const block = piece(file, at, end);
    if (kind === IMAGE || label === CONTROL || (label === APPLICATION && isLoop(block))) kept.push(block);
    at = end;
  }
}

/** Bytes of a table of colours, by the flags that announce it. */
function tableLength(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}

function endOfImage(file: Buffer, start: number): number {
  const head = piece(file, start, start + 10);
  // One byte says how long the codes are.
  return endOfSubBlocks(file, start + 10 + tableLength(head[9] ?? 0) + 1);
}

function endOfExtension(file: Buffer, start: number, kind: number | undefined): number {
  if (kind !== EXTENSION) throw broken();
  return endOfSubBlocks(file, start + 2);
}

/** Each begins with its length; one of length zero is the last. */
function endOfSubBlocks(file: Buffer, start: number): number {
  for (let at = start; ;) {
    const length = file[at];
    if (length === undefined) throw broken();
    at += 1 + length;
    if (length === 0) return at;
  }
}

function isLoop(block: Buffer): boolean {
  return LOOPS.includes(block.toString('latin1', 3, 14));
}
