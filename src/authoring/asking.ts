import { PassThrough, type Readable } from 'node:stream';

/** After these nobody is there who could answer. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const CTRL_D = '\u0004';

/** What a prompt is given: the keys, and a word when nobody types any more. */
export interface Asked {
  readonly input: Readable;
  readonly signal: AbortSignal;
}

/** A question on the terminal; its answer is a symbol when there is none. */
export type Question<Value> = (asked: Asked) => Promise<Value | symbol>;

/**
 * The answer to a question. Who goes away gives none: by Ctrl-C, at the end of the input (Ctrl-D), by closing the
 * terminal, or by ending this process.
 *
 * @param otherwise what is said then. @throws Error with it
 */
export async function answerTo<Value>(question: Question<Value>, otherwise: string): Promise<Value> {
  const { stdin, stdout } = process;
  const over = new AbortController();
  const stop = () => over.abort();
  const onKeys = (keys: Buffer | string) => {
    if (String(keys).includes(CTRL_D)) stop();
  };
  // These stay: a terminal that is closed is told something once more, and that is no crash.
  stdin.on('error', stop);
  stdout.on('error', stop);
  const input = keyboard();
  stdin.on('data', onKeys).once('end', stop).pipe(input);
  for (const signal of SIGNALS) process.once(signal, stop);
  try {
    const answer = await question({ input, signal: over.signal });
    if (typeof answer === 'symbol') throw new Error(otherwise);
    return answer;
  } finally {
    stdin.off('data', onKeys).off('end', stop).unpipe(input).pause();
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}

/** What is typed. Of the terminal itself, readline would die when it is gone: its own faults nobody else can hear. */
function keyboard(): Readable & NodeJS.WritableStream {
  const { stdin } = process;
  return Object.assign(new PassThrough(), { isTTY: true, setRawMode: (isRaw: boolean) => stdin.setRawMode(isRaw) });
}
