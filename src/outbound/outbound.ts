import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { AllowedHost } from '../config/outbound-hosts.js';
import { Problem } from '../errors/problem.js';
import { type Destination, Destinations } from './destinations.js';
import { type Exchange, exchange } from './exchange.js';
import { type BodyLimits, guardedBody } from './guarded.body.js';

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface OutboundRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Hosts that this request may go to although they are not of the public internet, beside those of OUTBOUND_ALLOW. */
  readonly allowed?: readonly AllowedHost[];
  /** How many redirects are followed, by GET only; each is checked like the first address. Default: none. */
  readonly redirects?: number;
  /** Milliseconds until the head of each answer must be here. */
  readonly headMs: number;
  readonly limits: BodyLimits;
  readonly signal?: AbortSignal;
  /** Told how many bytes of the body have come so far. */
  readonly onBytes?: (bytes: number) => void;
}

export interface OutboundAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Where the answer came from, in the end. */
  readonly url: URL;
  /** To be read, or destroyed. */
  readonly body: Readable;
}

/**
 * The one door for requests that leave the platform. Names are resolved once, every address is checked, connections go
 * to what was checked; answers are as large and as slow as the request allows, and are never unpacked.
 */
@Injectable()
export class Outbound {
  constructor(private readonly destinations: Destinations) {}

  /** Refuses early what would be refused anyway. @throws Problem `address_not_allowed` */
  check(url: string): URL {
    return this.destinations.check(url);
  }

  /** Answers with any status; a redirect that is not followed is one. @throws Problem `address_not_allowed` or `remote_failed` */
  async send(request: OutboundRequest): Promise<OutboundAnswer> {
    const { method, body, headMs, signal, allowed, redirects = 0 } = request;
    let destination = await this.destinations.resolve(request.url, allowed);
    let headers = request.headers;
    for (let left = redirects; ; left--) {
      const wanted: Exchange = { method, headers, body, headMs, signal };
      const message = await exchange(destination, wanted);
      const next = redirects > 0 && method === 'GET' ? nextUrl(message, destination) : undefined;
      if (!next) return answer(message, destination, request);
      message.destroy();
      if (left === 0) throw new Problem('remote_failed', `There were more than ${redirects} redirects.`);
      // What was meant for one server is no business of another.
      if (next.origin !== destination.url.origin) headers = {};
      destination = await this.destinations.resolve(next.href, allowed);
    }
  }
}

function answer(
  message: IncomingMessage,
  { url }: Destination,
  { limits, signal, onBytes }: OutboundRequest,
): OutboundAnswer {
  const { statusCode: status = 0, headers } = message;
  return { status, headers, url, body: guardedBody(message, url, limits, { signal, onBytes }) };
}

/** Where a redirect leads. @throws Problem `address_not_allowed` when it leads out of https */
function nextUrl({ statusCode = 0, headers }: IncomingMessage, { url }: Destination): URL | undefined {
  if (!REDIRECTS.has(statusCode) || headers.location === undefined) return undefined;
  const next = URL.parse(headers.location, url);
  if (!next) throw new Problem('remote_failed', 'The other server redirects to something that is not a URL.');
  if (url.protocol === 'https:' && next.protocol === 'http:')
    throw new Problem('address_not_allowed', 'The other server redirects from https to http.');
  next.hash = '';
  return next;
}
