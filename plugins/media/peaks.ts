import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/** The lowest and the highest of some samples, from -1 to 1. */
export interface Peak {
  readonly low: number;
  readonly high: number;
}

const BYTES_PER_SAMPLE = 2;
const LOUDEST = 32_768;

/** The peaks of so many parts of equal length, of samples with 16 bits, low byte first. The file is read piece by piece. */
export async function readPeaks(path: string, parts: number, signal: AbortSignal): Promise<Peak[]> {
  const samples = Math.floor((await stat(path)).size / BYTES_PER_SAMPLE);
  const low = new Int16Array(parts);
  const high = new Int16Array(parts);
  let index = 0;
  // Pieces of a stream from a file are of this length but for the last, so no sample is torn.
  for await (const piece of createReadStream(path, { highWaterMark: 256 * 1_024, signal })) {
    const bytes = Buffer.from(piece);
    for (let at = 0; at + 1 < bytes.length; at += BYTES_PER_SAMPLE) {
      const part = Math.min(parts - 1, Math.floor((index * parts) / samples));
      const value = bytes.readInt16LE(at);
      low[part] = Math.min(low[part] ?? 0, value);
      high[part] = Math.max(high[part] ?? 0, value);
      index += 1;
    }
  }
  return Array.from({ length: parts }, (_, part) => ({ low: rounded(low[part]), high: rounded(high[part]) }));
}

function rounded(value = 0): number {
  return Math.round((value / LOUDEST) * 1_000) / 1_000;
}
