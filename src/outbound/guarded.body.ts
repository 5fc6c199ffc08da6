import type { IncomingMessage } from 'node:http';
import { type Readable, Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream';
import { Problem } from '../errors/problem.js';
import { failed } from './exchange.js';

/** What the body of an answer may be. */
export interface BodyLimits {
  readonly maxBytes: number;
  /** Milliseconds that may pass without a byte. */
  readonly idleMs: number;
  /** Milliseconds for all of it. */
  readonly totalMs: number;
}

/** Who ends it, and who is told how far it is. */
export interface BodyWatch {
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * The bytes of an answer as they come. It ends with Problem `remote_failed` when more of them come than may, or when they
 * come too slowly; whoever lets go of it closes the connection.
 */
export function guardedBody(
  message: IncomingMessage,
  url: URL,
  limits: BodyLimits,
  { signal, onBytes }: BodyWatch = {},
): Readable {
  const { idleMs, totalMs } = limits;
  const counter = new Counter(limits.maxBytes, onBytes);
  const end = (error: Error) => void message.destroy(error);
  const abort = () => end(signal?.reason instanceof Error ? signal.reason : new Error(String(signal?.reason)));
  const timer = setTimeout(() => end(tooSlow(totalMs)), totalMs);
  message.socket.setTimeout(idleMs, () => end(tooSlow(idleMs)));
  signal?.addEventListener('abort', abort, { once: true });
  const explain = (error: Error) => (signal?.aborted ? error : failed(url, error));
  message.once('error', (error) => counter.destroy(explain(error)));
  pipeline(message, counter, () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    message.destroy();
  });
  return counter;
}

class Counter extends Transform {
  private bytes = 0;

  constructor(
    private readonly maxBytes: number,
    private readonly onBytes: BodyWatch['onBytes'],
  ) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.bytes += chunk.length;
    this.onBytes?.(this.bytes);
    if (this.bytes <= this.maxBytes) done(null, chunk);
    else done(new Problem('remote_failed', `The other server sends more than ${this.maxBytes} bytes.`));
  }
}

function tooSlow(ms: number): Problem {
  return new Problem('remote_failed', `The other server did not send all of its answer within ${ms / 1_000} seconds.`);
}
