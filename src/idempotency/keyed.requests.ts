import { Injectable, Logger } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { finished } from 'node:stream/promises';
import type { Statement } from '../database/rows.js';
import { Problem } from '../errors/problem.js';
import { BodyFingerprint, takeFingerprint } from '../http/body.fingerprint.js';
import { bodyOf } from '../http/body.js';
import { readForm } from '../http/form.js';
import { type Answer, type Attempt, IdempotencyStore, type Kept, LEASE_MS } from './idempotency.store.js';

/** A request that came with a key and is being answered. */
interface KeyedRequest {
  readonly attempt: Attempt;
  readonly fingerprint: BodyFingerprint;
  /** The answer is kept by whoever creates, together with what is created. */
  isKept: boolean;
}

/** Requests with a key: each is answered once, and whoever repeats it hears the same answer again. */
@Injectable()
export class KeyedRequests {
  private readonly logger = new Logger(KeyedRequests.name);
  private readonly running = new WeakMap<FastifyRequest, KeyedRequest>();

  constructor(private readonly store: IdempotencyStore) {}

  /**
   * The statement that keeps the answer, to be carried out together with what creates; none when there is no key.
   * To be asked for when the body has been read, at most once a request.
   */
  keeping(request: FastifyRequest, answer: Answer): Statement[] {
    const keyed = this.running.get(request);
    if (!keyed) return [];
    keyed.isKept = true;
    return [this.store.completing(keyed.attempt, describe(request, keyed.fingerprint), answer)];
  }

  /**
   * Answers the request: by `handle`, or with what it was answered before.
   *
   * @param handle answers the request anew
   * @throws Problem `idempotency_in_progress` or `idempotency_key_reused`, or what `handle` throws; then nothing is kept
   */
  async answer(
    owner: string,
    key: string,
    request: FastifyRequest,
    handle: () => Promise<Answer>,
  ): Promise<{ answer: Answer; isReplayed: boolean }> {
    const attempt = await this.store.claim(owner, key);
    if (attempt) return { answer: await this.run(attempt, request, handle), isReplayed: false };
    const kept = await this.store.find(owner, key);
    if (!kept?.answer) throw inProgress();
    await refuseOther(request, kept);
    return { answer: kept.answer, isReplayed: true };
  }

  private async run(attempt: Attempt, request: FastifyRequest, handle: () => Promise<Answer>): Promise<Answer> {
    const keyed: KeyedRequest = { attempt, fingerprint: new BodyFingerprint(), isKept: false };
    this.running.set(request, keyed);
    takeFingerprint(request, keyed.fingerprint);
    const renewal = setInterval(() => void this.store.renew(attempt).catch(() => {}), LEASE_MS / 3);
    try {
      const answer = await handle();
      if (!keyed.isKept) await this.store.complete(attempt, describe(request, keyed.fingerprint), answer);
      return answer;
    } catch (error) {
      await this.release(attempt);
      throw error;
    } finally {
      clearInterval(renewal);
    }
  }

  /** When the database is gone, too, the lease ends by itself. */
  private async release(attempt: Attempt): Promise<void> {
    try {
      await this.store.release(attempt);
    } catch (error) {
      this.logger.warn({ err: error, msg: 'An Idempotency-Key could not be given back; it ends with its lease.' });
    }
  }
}

export function inProgress(): Problem {
  return new Problem('idempotency_in_progress', 'A request with this Idempotency-Key is still being answered.', {
    headers: { 'retry-after': '2' },
  });
}

/** Reads the whole body, though nothing of it is kept: only then is it known whether it says the same. */
async function refuseOther(request: FastifyRequest, { fingerprint: known }: Kept): Promise<void> {
  const mostBytes = Number(known.split(':', 1)[0]);
  const fingerprint = new BodyFingerprint(mostBytes, reused);
  takeFingerprint(request, fingerprint);
  await readAll(request);
  if (describe(request, fingerprint) !== known) throw reused();
}

async function readAll(request: FastifyRequest): Promise<void> {
  if (request.isMultipart()) {
    await readForm(request, async (part) => {
      if (part.kind === 'file') await finished(part.stream.resume());
    });
  } else if ('rawUpload' in request.routeOptions.config) {
    await finished(bodyOf(request).resume());
  }
}

function describe(request: FastifyRequest, fingerprint: BodyFingerprint): string {
  fingerprint.add(request.method, request.url, request.body ?? null);
  return `${fingerprint.bytes}:${fingerprint.digest()}`;
}

function reused(): Problem {
  return new Problem('idempotency_key_reused', 'This Idempotency-Key was used for a request that said something else.');
}
