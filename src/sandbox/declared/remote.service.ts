import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { ToolError } from '../../sdk/index.js';
import { type Exchange, exchange } from './remote.exchange.js';
import { RemoteFault } from './remote.fault.js';

const MOST_TRIES = 3;
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;
const CLOSE_MS = 100;
/** Bytes of an answer that only says why not. */
const MOST_REASON_BYTES = 64_000;
/** After these the service has not begun, so the same may be asked again. */
const NOT_NOW: ReadonlySet<number> = new Set([429, 503]);

const refusal = z.object({
  error: z.object({ code: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/), message: z.string().min(1) }),
});

/** What is asked of the service: `path` below its URL. */
export type Wanted = Omit<Exchange, 'url' | 'headers' | 'onSocket'> & {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether it is not worth a second try. */
  readonly once?: boolean;
};

/** A service that does the work of a tool, somewhere else, over HTTP. */
export class RemoteService {
  private readonly closings = new Set<Promise<unknown>>();

  /** @param headers sent with every request */
  constructor(
    private readonly url: string,
    private readonly headers: Readonly<Record<string, string>>,
  ) {}

  /**
   * The answer, whose status is 2xx. What is safe is tried up to three times.
   *
   * @throws ToolError when the service refuses the input (422), RemoteFault when it does anything else
   */
  async ask(wanted: Wanted): Promise<IncomingMessage> {
    for (let tried = 1; ; tried++) {
      try {
        return await this.askOnce(wanted);
      } catch (error) {
        if (tried >= MOST_TRIES || wanted.once || !isWorthAsking(error, wanted)) throw error;
        const asked = error instanceof Later ? error.afterMs : 0;
        const delay = Math.max(asked, FIRST_WAIT_MS * 4 ** (tried - 1) * (0.5 + Math.random()));
        await wait(Math.min(delay, LONGEST_WAIT_MS), undefined, { signal: wanted.signal });
      }
    }
  }

  /** Resolves when no connection is left, or soon after: who leaves one behind is not given the next run. */
  async closed(): Promise<void> {
    const soon = new AbortController();
    const late = wait(CLOSE_MS, undefined, { signal: soon.signal }).catch(() => {});
    await Promise.race([Promise.all(this.closings), late]);
    soon.abort();
  }

  private note(socket: Socket): void {
    const closing: Promise<unknown> = new Promise((close) => socket.once('close', close)).finally(() =>
      this.closings.delete(closing),
    );
    this.closings.add(closing);
  }

  private async askOnce({ path, headers, ...rest }: Wanted): Promise<IncomingMessage> {
    const url = new URL(this.url.replace(/\/*$/, path));
    const onSocket = (socket: Socket) => this.note(socket);
    const answer = await exchange({ ...rest, url, headers: { ...this.headers, ...headers }, onSocket });
    const { statusCode: status = 0 } = answer;
    if (status >= 200 && status < 300) return answer;
    const text = await start(answer);
    const refused = status === 422 ? refusal.safeParse(parsed(text)).data : undefined;
    if (refused) throw new ToolError(refused.error.code, refused.error.message);
    const message = `The service of the tool answered with status ${status}.`;
    throw NOT_NOW.has(status)
      ? new Later(message, answer.headers['retry-after'])
      : new RemoteFault(message, status >= 500 ? 'repeatable' : 'nothing');
  }
}

/** To ask twice for work is not the same as to ask once; for anything else it is. */
function isWorthAsking(error: unknown, { method }: Wanted): boolean {
  if (!(error instanceof RemoteFault)) return false;
  return error.again === 'anything' || (error.again === 'repeatable' && method !== 'POST');
}

/** The service has not begun, and says when it may. */
class Later extends RemoteFault {
  readonly afterMs: number;

  constructor(message: string, retryAfter: string | undefined) {
    super(message, 'anything');
    this.afterMs = /^\d{1,4}$/.test(retryAfter ?? '') ? Number(retryAfter) * 1_000 : 0;
  }
}

/** The beginning of an answer, which is then let go. */
async function start(answer: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const timer = setTimeout(() => answer.destroy(), LONGEST_WAIT_MS);
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MOST_REASON_BYTES) break;
    }
  } catch {
    // What there is of it must do.
  } finally {
    clearTimeout(timer);
    answer.destroy();
  }
  return Buffer.concat(chunks).toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
