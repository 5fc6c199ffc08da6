import type { Readable } from 'node:stream';
import { z } from 'zod';
import { RemoteFault } from './remote.fault.js';

const LONGEST_LINE = 800_000;
/** Bytes of everything that a run may say. */
const MOST_BYTES = 16_000_000;
const NEWLINE = 10;

const line = z.union([
  z.object({ progress: z.number().min(0).max(1), message: z.string().optional() }),
  z.object({ log: z.string(), level: z.enum(['info', 'warn', 'error']).default('info') }),
  z.object({ error: z.object({ code: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/), message: z.string().min(1) }) }),
  z.object({
    done: z.object({
      outputs: z
        .array(z.object({ name: z.string().min(1).max(255) }))
        .max(1_000)
        .default([]),
      data: z.unknown(),
    }),
  }),
]);

/** What a service says of a run, one in each line. `error` and `done` are the last word. */
export type RemoteLine = z.output<typeof line>;

/** The lines of an answer as they come; empty ones are signs of life. @throws RemoteFault when they are none, or too many */
export async function* linesOf(answer: Readable): AsyncGenerator<RemoteLine, void> {
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let allBytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    allBytes += chunk.length;
    if (allBytes > MOST_BYTES) throw lying('says more than it may');
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const text = Buffer.concat([...kept, chunk.subarray(start, end)]).toString();
      [kept, keptBytes, start] = [[], 0, end + 1];
      if (text.trim() !== '') yield read(text);
    }
    kept.push(chunk.subarray(start));
    keptBytes += chunk.length - start;
    if (keptBytes > LONGEST_LINE) throw lying('says more than 800 kB in one line');
  }
  const rest = Buffer.concat(kept).toString();
  if (rest.trim() !== '') yield read(rest);
}

function read(text: string): RemoteLine {
  try {
    return line.parse(JSON.parse(text));
  } catch (cause) {
    throw lying('says something that has no meaning', cause);
  }
}

function lying(what: string, cause?: unknown): RemoteFault {
  return new RemoteFault(`The service of the tool ${what}.`, 'nothing', { cause });
}
