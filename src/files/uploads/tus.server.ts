import { randomUUIDv7 } from 'node:crypto';
import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { Server } from '@tus/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../../auth/actor.js';
import type { ProblemCode } from '../../errors/problem.catalogue.js';
import { Problem } from '../../errors/problem.js';
import { bodyOf } from '../../http/body.js';
import { FileAccess } from '../file.access.js';
import { ResumableUploads } from './resumable.uploads.js';
import { TusStore } from './tus.store.js';
import { CHECKSUM_ALGORITHMS, PieceChecksum } from './upload.checksum.js';
import { UploadLocks } from './upload.locks.js';

const VERSION = '1.0.0';
const PATH = '/api/v1/uploads';
const PIECE = 'application/offset+octet-stream';

/** What of a request the protocol reads. */
const READ = /^(?:tus-|upload-|content-type$|content-length$)/;
/** What of its answer is ours to pass on; how origins and errors are answered is not for it to say. */
const ANSWERED = /^(?:tus-|upload-|location$|cache-control$|connection$)/;

const BY_STATUS: Readonly<Record<number, ProblemCode>> = {
  404: 'upload_not_found',
  409: 'upload_offset_wrong',
  410: 'upload_expired',
  413: 'file_too_large',
};

/** The protocol tus 1.0, spoken by the library, in requests that our own guards have let in. */
@Injectable()
export class TusServer {
  constructor(
    private readonly uploads: ResumableUploads,
    private readonly locks: UploadLocks,
    private readonly access: FileAccess,
  ) {}

  /**
   * @param id of the upload; undefined where there is none yet
   * @throws Problem for whatever is refused
   */
  async answer(actor: Actor, request: FastifyRequest, reply: FastifyReply, id?: string): Promise<void> {
    reply.header('tus-resumable', VERSION);
    refuseOtherVersion(request);
    refuseOtherThanPiece(request);
    // Before the lock: who has no right to it must not end the request of somebody who has.
    if (id !== undefined) await this.uploads.find(actor.id, id);
    const body = carriesPiece(request) ? bodyOf(request) : undefined;
    const { response, failure } = await this.ask(actor, request, id, body);
    if (response.status >= 400)
      throw (body?.errored instanceof Problem && body.errored) || problemOf(response, failure);
    for (const [name, value] of response.headers) if (ANSWERED.test(name)) reply.header(name, value);
    reply.code(response.status);
  }

  private async ask(actor: Actor, request: FastifyRequest, id: string | undefined, body: Readable | undefined) {
    let failure: unknown;
    const field = request.headers['upload-checksum'];
    const checksum = body && typeof field === 'string' ? PieceChecksum.parse(field) : undefined;
    const removeFile = (id: string) => this.access.remove(actor, id, request);
    const server = new Server({
      path: PATH,
      datastore: new TusStore(this.uploads, actor, removeFile, checksum),
      locker: this.locks,
      lockDrainTimeout: 1,
      maxSize: this.uploads.maxBytes,
      relativeLocation: true,
      namingFunction: () => randomUUIDv7(),
      getFileIdFromRequest: () => id,
      onResponseError: (_request, error) => void (failure = error),
    });
    return { response: await server.handleWeb(asWebRequest(request, body)), failure };
  }

  /** For OPTIONS: what of the protocol is offered. */
  get algorithms(): string {
    return CHECKSUM_ALGORITHMS.join(',');
  }
}

function carriesPiece({ method, headers }: FastifyRequest): boolean {
  return (method === 'PATCH' || method === 'POST') && headers['content-type'] === PIECE;
}

/** Those who ask what is offered need not know the version. */
function refuseOtherVersion({ method, headers }: FastifyRequest): void {
  if (method === 'OPTIONS' || headers['tus-resumable'] === VERSION) return;
  const answered = { headers: { 'tus-version': VERSION } };
  throw new Problem('upload_version_unknown', `The header Tus-Resumable must be ${VERSION}.`, answered);
}

/** For PATCH alone: many clients name some type with whatever they post. */
function refuseOtherThanPiece({ method, headers }: FastifyRequest): void {
  if (method === 'PATCH' && headers['content-type'] !== PIECE)
    throw new Problem('unsupported_media_type', `A piece of an upload has the type ${PIECE}.`);
}

function asWebRequest({ method, headers, url }: FastifyRequest, body: Readable | undefined): Request {
  const fields = Object.entries(headers).filter(([name]) => READ.test(name));
  return new Request(new URL(url, 'http://toolyard.invalid'), {
    method,
    headers: fields.map(([name, value]) => [name, String(value)] as [string, string]),
    ...(body && { body: Readable.toWeb(body), duplex: 'half' }),
  });
}

function problemOf({ status }: Response, failure: unknown): Problem {
  if (failure instanceof Problem) return failure;
  if (failure instanceof Error) throw failure;
  const code = BY_STATUS[status] ?? 'invalid_request';
  return new Problem(code, SENTENCES[code] ?? 'A header of the upload is missing, or cannot be read.');
}

const SENTENCES: Partial<Record<ProblemCode, string>> = {
  upload_offset_wrong: 'The piece does not begin where the bytes end. HEAD tells where that is.',
  file_too_large: 'The piece has more bytes than the upload shall have.',
};
