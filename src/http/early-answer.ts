import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** How long a client may take to hear that its upload is refused. */
const LINGER_MS = 2_000;

/**
 * A refusal may be sent while the client still sends its body. The rest is not read, so the connection ends; but not
 * at once: ending it while bytes arrive resets it, and the reset can overtake the answer (RFC 9112 §9.6).
 */
export function lingerAfterEarlyAnswers(server: FastifyInstance): void {
  server.addHook('onSend', (request, reply, payload, done) => {
    if (reply.statusCode >= 400 && !request.raw.complete) {
      reply.header('connection', 'close');
      linger(request.raw.socket);
    }
    done(null, payload);
  });
}

/** Node ends the socket with `destroySoon` after the answer; this one says that it is over and waits for the client. */
function linger(socket: Socket): void {
  socket.destroySoon = () => {
    socket.end();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once('close', () => clearTimeout(timer));
  };
}
