import { randomUUID } from 'node:crypto';
import type { Server, ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import multipart from '@fastify/multipart';
import type { ConnectionError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { parseOrigins } from '../config/origins.js';
import { parseProxyTrust } from '../config/proxy.trust.js';
import { Problem } from '../errors/problem.js';
import { PROBLEM_MEDIA_TYPE, problemDocument } from '../errors/problem.document.js';
import { problemFrom } from '../errors/problem.from.js';
import { allowedMethods, type Route } from './allowed-methods.js';
import { AnswerTime } from './answer.time.js';
import { ClientPace } from './client.pace.js';
import { allowOrigins } from './cross-origin.js';
import { lingerAfterEarlyAnswers } from './early-answer.js';
import { Farewell } from './farewell.js';
import { ServerAdapter } from './fastify.adapter.js';
import { parseJsonBodies } from './json-body.js';
import { observeResponses, tellUnrouted } from './response.channel.js';
import { SECURITY_HEADERS, securityHeaders } from './security.headers.js';
import { parseUrlEncodedBodies } from './url-encoded-body.js';

const KIB = 1024;
/** JSON bodies carry ids (1000 at most, which is 39 KB) and options (64 KiB at most), never files. */
const JSON_BODY_BYTES = 128 * KIB;
/** The field `options` of a form; a little more than is accepted, so that the answer can say what is wrong. */
export const FORM_FIELD_BYTES = 64 * KIB + 1;
/** Bodies that are left unread for the route; the second is that of tus. */
const BYTES = ['application/octet-stream', 'application/offset+octet-stream'];
const HEADER_MS = 15_000;
/** A connection on which nothing moves for so long, and no request is under way, is over, or its client is. */
const SILENCE_MS = 60_000;
const SANE_REQUEST_ID = /^[\w.:/+=-]{1,100}$/;

/** What of the configuration the edge needs. */
export type EdgeConfig = Pick<
  Config,
  'ANSWER_TIMEOUT_MS' | 'CORS_ORIGINS' | 'MAX_CONNECTIONS' | 'SHUTDOWN_GRACE_MS' | 'SLOW_CLIENT_MS' | 'TRUST_PROXY'
>;

/** The HTTP edge: Fastify with our limits, ids, headers and answers, before any controller is asked. */
export async function createServer(logger: Logger, config: EdgeConfig): Promise<ServerAdapter> {
  const adapter = new ServerAdapter({
    bodyLimit: JSON_BODY_BYTES,
    genReqId: requestId,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    connectionTimeout: SILENCE_MS,
    requestTimeout: 0,
    trustProxy: trustedProxies(config.TRUST_PROXY),
    http: httpOptions(config),
    routerOptions: { maxParamLength: 200 },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      tellUnrouted(request, reply, logger);
      answer(problemFrom(error), request, reply);
    },
  });
  const server = adapter.getInstance<FastifyInstance>();
  parseJsonBodies(server);
  parseUrlEncodedBodies(server);
  server.addContentTypeParser(BYTES, (_request, _payload, done) => done(null));
  await server.register(multipart, {
    throwFileSizeLimit: false,
    limits: { fieldNameSize: 100, fieldSize: FORM_FIELD_BYTES, fields: 20, headerPairs: 50, fileSize: Infinity },
  });
  server.server.maxConnections = config.MAX_CONNECTIONS;
  ignoreExpectations(server.server);
  addHeaders(server);
  allowOrigins(server, parseOrigins(config.CORS_ORIGINS ?? '') ?? []);
  new ClientPace(config.SLOW_CLIENT_MS).attend(server);
  adapter.farewell = new Farewell(config.SHUTDOWN_GRACE_MS);
  adapter.farewell.attend(server);
  lingerAfterEarlyAnswers(server);
  treatRawUploadsAsBytes(server);
  new AnswerTime(config.ANSWER_TIMEOUT_MS, answer).attend(server);
  refuseUnknownRoutes(server);
  observeResponses(server, logger);
  return adapter;
}

/** No client needs long for a header. Node looks for those who do only now and then. */
function httpOptions({ SLOW_CLIENT_MS }: EdgeConfig): ServerOptions {
  const headersTimeout = Math.min(HEADER_MS, SLOW_CLIENT_MS);
  const connectionsCheckingInterval = headersTimeout / 3;
  return { headersTimeout, connectionsCheckingInterval, maxHeaderSize: 16 * KIB, requireHostHeader: false };
}

/** Node itself would refuse every `Expect` but `100-continue`, with an answer without a body; RFC 9110 §10.1.1 needs none. */
function ignoreExpectations(server: Server): void {
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
}

/** The form in which Fastify wants it; the connection itself is hop 0. */
function trustedProxies(text = ''): false | string[] | ((address: string, hop: number) => boolean) {
  const trust = parseProxyTrust(text) ?? false;
  return typeof trust === 'number' ? (_, hop) => hop < trust : trust;
}

/** The client's own id when it is harmless, else a new one. */
function requestId({ headers }: { headers: Record<string, unknown> }): string {
  const claimed = headers['x-request-id'];
  return typeof claimed === 'string' && SANE_REQUEST_ID.test(claimed) ? claimed : randomUUID();
}

function addHeaders(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    reply.headers(headersOf(request));
    // Node would refuse this, too (RFC 9112 §3.2), but without a body.
    if (request.headers.host !== undefined || request.raw.httpVersionMinor === 0) return done();
    done(new Problem('malformed_request', 'The header Host is missing.'));
  });
}

function headersOf(request: FastifyRequest): Record<string, string> {
  return { ...securityHeaders(request), 'cache-control': 'no-store', 'x-request-id': request.id };
}

/** What a client claims of a raw upload decides nothing, so the body is left unread for the route, whatever its type. */
function treatRawUploadsAsBytes(server: FastifyInstance): void {
  server.addHook('onRequest', (request, _reply, done) => {
    const type = request.headers['content-type'] ?? '';
    if ('rawUpload' in request.routeOptions.config && !type.startsWith('multipart/'))
      request.headers['content-type'] = 'application/octet-stream';
    done();
  });
}

/** 404 when there is nothing under the path, 405 with `Allow` when there is, but not for this method. */
function refuseUnknownRoutes(server: FastifyInstance): void {
  const routes: Route[] = [];
  server.addHook('onRoute', ({ url, method }) => {
    routes.push({ path: url, methods: [method].flat() });
  });
  server.addHook('onRequest', (request, _reply, done) => {
    if (!request.is404) return done();
    const path = request.url.split('?', 1)[0] ?? '/';
    const methods = allowedMethods(routes, path);
    if (methods.length === 0) return done(new Problem('not_found', `There is nothing at ${path}.`));
    const allow = methods.join(', ');
    done(new Problem('method_not_allowed', `${path} takes ${allow}.`, { headers: { allow } }));
  });
}

function answer(problem: Problem, request: FastifyRequest, reply: FastifyReply): void {
  const path = request.url.split('?', 1)[0] ?? '/';
  void reply
    .code(problem.status)
    .headers({ ...headersOf(request), ...problem.headers })
    .type(PROBLEM_MEDIA_TYPE)
    .send(JSON.stringify(problemDocument(problem, { id: request.id, path })));
}

/** A request that is not even HTTP gets the same body as every other fault, written by hand. */
function answerBrokenRequest(error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const known = problemFrom(error);
  const problem = known.code === 'internal' ? new Problem('malformed_request') : known;
  const body = JSON.stringify(problemDocument(problem, { id: null, path: '' }));
  const headers = {
    ...SECURITY_HEADERS,
    connection: 'close',
    'content-type': PROBLEM_MEDIA_TYPE,
    'content-length': Buffer.byteLength(body),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${problem.status} ${problem.title}\r\n${lines.join('')}\r\n${body}`);
}
