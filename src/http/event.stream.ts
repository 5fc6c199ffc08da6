import type { FastifyReply, FastifyRequest } from 'fastify';
import { whenDeparting } from './departure.js';

/** Less than the time after which proxies, and we ourselves, take a connection for dead. */
const HEARTBEAT_MS = 15_000;
/** As long as an access token is good: whoever has lost a right loses the stream, too. The client comes back by itself. */
const LONGEST_MS = 15 * 60_000;
/** So much earlier at random, so that those who came together do not come back together. */
const SPREAD_MS = 120_000;
/** How long a client may take none of what waits for it. */
const STUCK_MS = 30_000;
/** After so long a client that was cut off comes back. */
const RETRY_MS = 1_000;

const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  // For nginx, which would keep events back until it has a page full.
  'x-accel-buffering': 'no',
};

/** One answer that goes on: Server-Sent Events (WHATWG HTML §9.2). Whoever is cut off comes back with `Last-Event-ID`. */
export class EventStream {
  private readonly until = performance.now() + LONGEST_MS - Math.random() * SPREAD_MS;
  private readonly heartbeat: NodeJS.Timeout;
  private readonly forget: () => void;
  private stuck: NodeJS.Timeout | undefined;
  private isOver = false;

  /** @param ended called once, when nothing more can be sent */
  constructor(
    request: FastifyRequest,
    private readonly reply: FastifyReply,
    private readonly ended: () => void,
  ) {
    reply.hijack();
    reply.raw.writeHead(200, { ...definedHeaders(reply), ...HEADERS });
    this.forget = whenDeparting(request, reply, () => this.end());
    this.heartbeat = setInterval(() => this.beat(), HEARTBEAT_MS);
    reply.raw.write(`retry: ${RETRY_MS}\n\n`);
  }

  get isEnded(): boolean {
    return this.isOver;
  }

  /** Sends whole events, as text. False: the client has not taken the last ones yet; wait for `drained`. */
  send(text: string): boolean {
    if (this.isOver) return true;
    this.heartbeat.refresh();
    return this.reply.raw.write(text);
  }

  /** Resolves when the client has taken everything; ends the stream when it takes nothing for half a minute. */
  async drained(): Promise<void> {
    if (this.isOver || !this.reply.raw.writableNeedDrain) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.stuck = setTimeout(() => this.cut(), STUCK_MS);
    this.reply.raw.once('drain', resolve);
    this.reply.raw.once('close', resolve);
    await promise;
    clearTimeout(this.stuck);
    this.reply.raw.removeListener('drain', resolve);
    this.reply.raw.removeListener('close', resolve);
  }

  /** In order, with everything that was sent. */
  end(): void {
    this.over();
    this.reply.raw.end();
  }

  /** At once: the client cannot take the rest, and asks for it again. */
  cut(): void {
    this.over();
    this.reply.raw.destroy();
  }

  private beat(): void {
    if (performance.now() > this.until) this.end();
    else if (!this.reply.raw.writableNeedDrain) this.reply.raw.write(':\n\n');
  }

  private over(): void {
    if (this.isOver) return;
    this.isOver = true;
    clearInterval(this.heartbeat);
    clearTimeout(this.stuck);
    this.forget();
    this.ended();
  }
}

/** One event as text; the data is JSON, so it has no line breaks of its own. Without an id, it is nothing to come back to. */
export function eventText(type: string, data: string, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${type}\ndata: ${data}\n\n`;
}

/** Says from where to go on, and nothing else. */
export function placeText(id: string): string {
  return `id: ${id}\n\n`;
}

/** Those that hooks have set, such as for security and for limits. */
function definedHeaders(reply: FastifyReply): Record<string, string> {
  const headers = Object.entries(reply.getHeaders());
  return Object.fromEntries(headers.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])));
}
