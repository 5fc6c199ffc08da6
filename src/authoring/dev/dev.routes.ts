import { timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { EventStream, eventText } from '../../http/event.stream.js';
import type { DevBoard, News } from './dev.board.js';

/** Nothing is compiled: the page is what lies there. */
const PAGE = new URL('../../../src/authoring/page/', import.meta.url);
/** The client that programs use, as it was built; the page is one of them. */
const CLIENT = new URL('../../client/', import.meta.url);
const CLIENT_FILE = /^(?:[\w.-]+\/){0,3}[\w-]+(?:\.[\w-]+)*\.js$/;

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src blob:; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'none'";

const FILES: Readonly<Record<string, { readonly path: string; readonly type: string }>> = {
  '/dev': { path: 'index.html', type: 'text/html; charset=utf-8' },
  '/dev/page.css': { path: 'page.css', type: 'text/css; charset=utf-8' },
  ...Object.fromEntries(
    ['page', 'form', 'run'].map((name) => [
      `/dev/${name}.js`,
      { path: `${name}.js`, type: 'text/javascript; charset=utf-8' },
    ]),
  ),
};

/** The page on which a plugin is tried. It holds no secret: what it may do comes with its address, after the #. */
export function serveDevPage(app: NestFastifyApplication, board: DevBoard): void {
  const server: FastifyInstance = app.getHttpAdapter().getInstance();
  for (const [url, { path, type }] of Object.entries(FILES))
    server.get(url, async (_request, reply) => send(reply, type, new URL(path, PAGE)));
  server.get('/dev/client/*', async (request: FastifyRequest<{ Params: { '*': string } }>, reply) => {
    const path = request.params['*'];
    if (!CLIENT_FILE.test(path) || path.includes('..')) return reply.code(404).send();
    return send(reply, 'text/javascript; charset=utf-8', new URL(path, CLIENT));
  });
  server.get('/dev/changes', { config: { ownTime: true } }, async (request, reply) => {
    if (!isAuthor(request, board.key)) return reply.code(401).send();
    tellChanges(request, reply, board);
    return reply;
  });
}

async function send(reply: FastifyReply, type: string, file: URL): Promise<FastifyReply> {
  const bytes = await readFile(fileURLToPath(file)).catch(() => undefined);
  if (bytes === undefined) return reply.code(404).send();
  return reply.header('content-security-policy', POLICY).type(type).send(bytes);
}

function tellChanges(request: FastifyRequest, reply: FastifyReply, board: DevBoard): void {
  const left = new AbortController();
  const stream = new EventStream(request, reply, () => left.abort());
  const leave = board.listen((news) => stream.send(textOf(news)));
  left.signal.addEventListener('abort', leave, { once: true });
}

function textOf(news: News): string {
  switch (news.type) {
    case 'plugin':
      return eventText('plugin', JSON.stringify(news.standing));
    case 'crash':
      return eventText('crash', JSON.stringify({ task_id: news.task_id, reason: news.reason }));
    default:
      return news satisfies never;
  }
}

/** Other pages can ask this address, too, but they have no key. */
function isAuthor({ headers }: FastifyRequest, key: string): boolean {
  const shown = Buffer.from(headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${key}`);
  return key !== '' && shown.length === wanted.length && timingSafeEqual(shown, wanted);
}
