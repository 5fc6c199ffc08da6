import http, { type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { isNativeError } from 'node:util/types';
import { Problem } from '../errors/problem.js';
import type { Destination } from './destinations.js';

const CONNECT_MS = 5_000;
const MOST_HEADER_BYTES = 16_384;

/** One request to one destination. */
export interface Exchange {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Milliseconds until the head of the answer must be here. */
  readonly headMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Sends a request over a connection of its own to one of the addresses that were checked, whatever the name stands for
 * by now; `Host` and the name in TLS stay those of the URL. Resolves with the head of the answer.
 *
 * @throws Problem `remote_failed`, or the reason of the signal
 */
export function exchange({ url, addresses }: Destination, wanted: Exchange): Promise<IncomingMessage> {
  const { method, headers, body, headMs, signal } = wanted;
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const options: RequestOptions = {
    method,
    headers: { ...headers, 'accept-encoding': 'identity', ...(body !== undefined && lengthOf(body)) },
    agent: false,
    lookup: pinned(addresses),
    maxHeaderSize: MOST_HEADER_BYTES,
  };
  const request = url.protocol === 'https:' ? https.request(url, options) : http.request(url, options);
  const abort = () => request.destroy(asError(signal?.reason));
  const timers = deadlines(request, headMs);
  signal?.addEventListener('abort', abort, { once: true });
  request.on('response', resolve);
  request.on('upgrade', (_answer, socket) => socket.destroy());
  // Later faults are those of the answer, for whoever reads it.
  request.on('error', (cause) => reject(signal?.aborted ? signal.reason : failed(url, cause)));
  request.on('close', () => reject(failed(url, undefined)));
  request.end(body);
  return promise.finally(() => {
    timers.forEach((timer) => clearTimeout(timer));
    signal?.removeEventListener('abort', abort);
  });
}

/** What a server answers, or does not, is never a fault of ours. */
export function failed({ host }: URL, cause: unknown): Problem {
  if (cause instanceof Problem) return cause;
  const code = isNativeError(cause) && 'code' in cause ? ` (${String(cause.code)})` : '';
  return new Problem('remote_failed', `${host} did not answer as it should${code}.`, { cause });
}

function deadlines(request: ClientRequest, headMs: number): NodeJS.Timeout[] {
  const connecting = setTimeout(() => request.destroy(tooSlow('let us connect', CONNECT_MS)), CONNECT_MS);
  const answering = setTimeout(() => request.destroy(tooSlow('answer', headMs)), headMs);
  request.once('socket', (socket) => {
    const isSecure = 'encrypted' in socket;
    socket.once(isSecure ? 'secureConnect' : 'connect', () => clearTimeout(connecting));
  });
  return [connecting, answering];
}

function tooSlow(what: string, ms: number): Problem {
  return new Problem('remote_failed', `The other server did not ${what} within ${ms / 1_000} seconds.`);
}

/** Answers with what was checked, instead of asking again. */
function pinned(addresses: Destination['addresses']): LookupFunction {
  const [first] = addresses;
  return (_host, { all }, done) => {
    if (all || !first) done(null, [...addresses]);
    else done(null, first.address, first.family);
  };
}

function lengthOf(body: string): Record<string, string> {
  return { 'content-length': String(Buffer.byteLength(body)) };
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
