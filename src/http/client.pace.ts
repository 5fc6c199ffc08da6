import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Less than this nobody needs, and who sends or takes less only holds a connection. */
const LEAST_BYTES_PER_SECOND = 500;

/** What was seen of a connection when it was last looked at. */
interface Seen {
  readonly received: number;
  readonly delivered: number;
  readonly receiving: boolean;
  readonly sending: boolean;
}

interface Connection {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  last?: Seen;
}

/**
 * Ends connections whose client sends its body, or takes its answer, hardly at all. What counts is the rate and not the
 * time: an upload may take hours. While this side is the slow one, nothing is held against the client.
 */
export class ClientPace {
  /** Their latest requests. */
  private readonly connections = new Map<Socket, Connection>();

  /** @param patienceMs how long a client may be too slow, at most; half of it is always granted */
  constructor(private readonly patienceMs: number) {}

  attend(server: FastifyInstance): void {
    const timer = setInterval(() => this.look(), this.patienceMs / 2).unref();
    server.addHook('onClose', (_server, done) => {
      clearInterval(timer);
      done();
    });
    server.server.on('connection', (socket) => socket.once('close', () => this.connections.delete(socket)));
    server.addHook('onRequest', ({ raw }, reply, done) => {
      this.connections.set(raw.socket, { request: raw, response: reply.raw });
      done();
    });
    // Silence alone ends no request: its client may have said everything, and wait for work that takes long.
    server.server.on('timeout', (socket: Socket) => {
      if (!isAsked(this.connections.get(socket))) socket.destroy();
    });
  }

  private look(): void {
    const least = (LEAST_BYTES_PER_SECOND * this.patienceMs) / 2 / 1000;
    for (const [socket, connection] of this.connections) {
      if (!isAsked(connection)) continue;
      const now = seen(socket, connection.request);
      if (connection.last && isSlow(connection.last, now, least)) socket.destroy();
      connection.last = now;
    }
  }
}

/** What a route has not read of a body may come after the answer, as slowly as the client likes. */
function isAsked(connection: Connection | undefined): boolean {
  return connection !== undefined && !(connection.request.complete && connection.response.writableFinished);
}

function isSlow(before: Seen, now: Seen, least: number): boolean {
  const sends = now.received - before.received;
  const takes = now.delivered - before.delivered;
  return (before.receiving && now.receiving && sends < least) || (before.sending && now.sending && takes < least);
}

function seen(socket: Socket, request: IncomingMessage): Seen {
  return {
    received: socket.bytesRead,
    delivered: socket.bytesWritten - socket.writableLength,
    receiving: !request.complete && request.readableFlowing === true && request.readableLength === 0,
    sending: socket.writableLength > 0,
  };
}
