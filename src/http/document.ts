import type { FastifyReply } from 'fastify';
import { documentTag, notModified } from './entity-tag.js';

/** Sends a JSON document with its entity tag, or 304 when the client has it already (RFC 9110 §13.1.2). */
export async function sendDocument(reply: FastifyReply, document: object, known: string | undefined): Promise<void> {
  const text = JSON.stringify(document);
  const etag = documentTag(text);
  reply.headers({ etag, 'cache-control': 'private, no-cache' });
  if (notModified(known, etag)) await reply.code(304).send();
  else await reply.type('application/json; charset=utf-8').send(text);
}
