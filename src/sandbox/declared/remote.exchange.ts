import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { RemoteFault } from './remote.fault.js';

const CONNECT_MS = 5_000;
/** Milliseconds without a byte in either direction, while files go to and fro and until an answer begins. */
export const SILENCE_MS = 30_000;
const MOST_HEADER_BYTES = 16_384;

/** One request to the service. */
export interface Exchange {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | (() => Readable);
  readonly signal: AbortSignal;
  /** Told of the connection, before anything is sent. */
  readonly onSocket: (socket: Socket) => void;
}

/**
 * Sends it over a connection of its own, follows no redirect, and resolves with the head of the answer, whatever its
 * status. @throws RemoteFault, or the reason of the signal
 */
export async function exchange({ method, url, headers, body, signal, onSocket }: Exchange): Promise<IncomingMessage> {
  signal.throwIfAborted();
  const send = url.protocol === 'https:' ? https.request : http.request;
  const request = send(url, { method, headers, agent: false, maxHeaderSize: MOST_HEADER_BYTES, signal });
  const connection = connecting(request);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const fail = (cause: unknown) =>
    reject(
      signal.aborted
        ? signal.reason
        : new RemoteFault(inWords(cause), connection.made ? 'repeatable' : 'anything', { cause }),
    );
  request.on('socket', onSocket);
  request.on('response', resolve);
  request.on('upgrade', (_answer, socket) => socket.destroy());
  request.on('error', fail);
  request.on('close', () => fail(undefined));
  request.setTimeout(SILENCE_MS, () => request.destroy(new Silence()));
  if (typeof body === 'function') pipeline(body(), request).catch(fail);
  else request.end(body);
  const answer = await promise;
  // A service that works says nothing for as long as the tool may take.
  answer.socket.setTimeout(0);
  return answer;
}

class Silence extends Error {}

function connecting(request: ClientRequest): { readonly made: boolean } {
  const connection = { made: false };
  const timer = setTimeout(() => request.destroy(new Silence()), CONNECT_MS);
  request.once('close', () => clearTimeout(timer));
  request.once('socket', (socket) => {
    socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => {
      connection.made = true;
      clearTimeout(timer);
    });
  });
  return connection;
}

function inWords(cause: unknown): string {
  if (cause instanceof Silence) return 'The service of the tool did not answer in time.';
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return `The service of the tool did not answer${code}.`;
}
