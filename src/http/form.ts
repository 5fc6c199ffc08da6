import type { Readable } from 'node:stream';
import type { Multipart } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../errors/problem.js';
import { problemFrom } from '../errors/problem.from.js';

/** One part of a multipart form, RFC 7578. */
export type FormPart =
  | {
      readonly kind: 'field';
      readonly name: string;
      /** Text, or JSON when the part said so. */ readonly value: unknown;
    }
  | { readonly kind: 'file'; readonly name: string; readonly fileName: string; readonly stream: Readable };

/**
 * Hands each part to `handle`, in the order in which they arrive and only when the one before is done; a file must be
 * read to its end or destroyed. When `handle` throws, nothing more is read.
 *
 * @throws Problem `malformed_multipart` when the body is not a form
 */
export async function readForm(request: FastifyRequest, handle: (part: FormPart) => Promise<void>): Promise<void> {
  const broken = new WeakSet<Error>();
  try {
    for await (const part of partsOf(request)) {
      if (part.type === 'file') part.file.on('error', (error) => broken.add(error));
      await handle(formPart(part));
    }
  } catch (error) {
    throw error instanceof Error && broken.has(error) ? malformed(error) : error;
  }
}

async function* partsOf(request: FastifyRequest): AsyncGenerator<Multipart> {
  try {
    yield* request.parts();
  } catch (error) {
    throw malformed(error);
  }
}

function formPart(part: Multipart): FormPart {
  const name = part.fieldname;
  if (part.type === 'file') return { kind: 'file', name, fileName: part.filename, stream: part.file };
  const { value, valueTruncated } = part as { value: unknown; valueTruncated?: boolean };
  if (valueTruncated) throw tooLarge(name);
  return { kind: 'field', name, value };
}

function tooLarge(name: string): Problem {
  if (name === 'options') return new Problem('options_too_large', 'The options may have 65536 bytes at most.');
  return new Problem('malformed_multipart', `The field ${name} is too long.`);
}

function malformed(error: unknown): Problem {
  const problem = problemFrom(error);
  return problem.code === 'internal' ? new Problem('malformed_multipart', undefined, { cause: error }) : problem;
}
