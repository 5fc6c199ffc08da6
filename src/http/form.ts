import type { Readable } from 'node:stream';
import type { Multipart } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../errors/problem.js';
import { problemFrom } from '../errors/problem.from.js';
import { fingerprintOf } from './body.fingerprint.js';
import { whenLate } from './farewell.js';

/** One part of a multipart form, RFC 7578. */
export type FormPart =
  | {
      readonly kind: 'field';
      readonly name: string;
      /** Text, or JSON when the part said so. */ readonly value: unknown;
    }
  | { readonly kind: 'file'; readonly name: string; readonly fileName: string; readonly stream: Readable };

/** How busboy says that the body ended before the form did; a part and the form say it in two ways. */
const CUT_OFF = /unexpected end of multipart data/i;

/**
 * Hands each part to `handle`, in the order in which they arrive and only when the one before is done; a file must be
 * read to its end, or `handle` must throw: then nothing more is read.
 *
 * @throws Problem `malformed_multipart` when the body is not a form
 */
export async function readForm(request: FastifyRequest, handle: (part: FormPart) => Promise<void>): Promise<void> {
  let parts = 0;
  try {
    for await (const part of partsInTime(request)) {
      parts += 1;
      await handle(watched(request, part));
    }
  } catch (error) {
    throw isCutOff(error, request) ? malformed(error) : error;
  }
  if (parts === 0) throw unreadable();
}

/** The parts, until requests have had their time: then the one that is being read ends, or the wait for the next. */
async function* partsInTime(request: FastifyRequest): AsyncGenerator<FormPart> {
  const parts = partsOf(request);
  const late = Promise.withResolvers<never>();
  late.promise.catch(() => {});
  const forget = whenLate(request.server.late, (problem) => late.reject(problem));
  try {
    for (;;) {
      const { value, done } = await Promise.race([parts.next(), late.promise]);
      if (done) return;
      yield* partInTime(formPart(value), request.server.late);
    }
  } finally {
    forget();
  }
}

function* partInTime(part: FormPart, late: AbortSignal): Generator<FormPart> {
  if (part.kind === 'field') {
    yield part;
    return;
  }
  const { stream } = part;
  // It may end before anybody reads it, who will then meet the error.
  stream.on('error', () => {});
  const forget = whenLate(late, (problem) => stream.destroy(problem));
  try {
    yield part;
  } finally {
    forget();
  }
}

/** Takes the part into the fingerprint of the body, where one is wanted. */
function watched(request: FastifyRequest, part: FormPart): FormPart {
  const fingerprint = fingerprintOf(request);
  if (!fingerprint) return part;
  if (part.kind === 'file') return { ...part, stream: fingerprint.watch(part.stream, part.name, part.fileName) };
  fingerprint.add(part.name, part.value);
  return part;
}

/** Whether the form ended too early, because it was written so or because the client went away. */
function isCutOff(error: unknown, { raw }: FastifyRequest): boolean {
  return error instanceof Error && (error === raw.errored || CUT_OFF.test(error.message));
}

async function* partsOf(request: FastifyRequest): AsyncGenerator<Multipart> {
  try {
    yield* request.parts();
  } catch (error) {
    throw malformed(error);
  }
}

function formPart(part: Multipart): FormPart {
  const name = part.fieldname as string | undefined;
  if (name === undefined) throw unreadable();
  if (part.type === 'file') return { kind: 'file', name, fileName: part.filename, stream: part.file };
  const { value, valueTruncated } = part as { value: unknown; valueTruncated?: boolean };
  if (valueTruncated) throw tooLarge(name);
  return { kind: 'field', name, value };
}

function tooLarge(name: string): Problem {
  if (name === 'options') return new Problem('options_too_large', 'The options may have 65536 bytes at most.');
  return new Problem('malformed_multipart', `The field ${name} is too long.`);
}

/** Busboy passes over a part whose header it cannot read, and lets one without a name through. */
function unreadable(): Problem {
  return new Problem(
    'malformed_multipart',
    'The form has no part that can be read: each needs a header with its name.',
  );
}

function malformed(error: unknown): Problem {
  const problem = problemFrom(error);
  return problem.code === 'internal' ? new Problem('malformed_multipart', undefined, { cause: error }) : problem;
}
