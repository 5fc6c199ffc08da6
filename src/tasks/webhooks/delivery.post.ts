import { finished } from 'node:stream/promises';
import { Injectable } from '@nestjs/common';
import { Webhook as Signer } from 'standardwebhooks';
import { Problem } from '../../errors/problem.js';
import { Outbound, type OutboundAnswer } from '../../outbound/outbound.js';
import type { DeliveryAttempt } from './delivery.entity.js';
import { retryAfterMs } from './delivery.retries.js';

/** Until the receiver must have answered. */
const ANSWER_MS = 15_000;
/** What a receiver says besides the status is not kept, only heard out, if it is short. */
const LIMITS = { maxBytes: 65_536, idleMs: 1_000, totalMs: 1_000 };
const GONE = 410;

/** Longest time that one attempt takes: to find the address, to connect and be answered, to hear the answer out. */
export const ATTEMPT_MS = 5_000 + ANSWER_MS + LIMITS.totalMs;

/** What is sent, and where. */
export interface Message {
  readonly url: string;
  readonly id: string;
  readonly payload: string;
  /** Each one signs. */
  readonly secrets: readonly string[];
  readonly signal: AbortSignal;
}

export interface Outcome {
  readonly attempt: DeliveryAttempt;
  readonly isDelivered: boolean;
  /** The receiver wants nothing more. */
  readonly isGone: boolean;
  /** For how long the receiver does not want to hear of it; 0: it has not said. */
  readonly retryAfterMs: number;
}

/** Sends one message once. */
@Injectable()
export class DeliveryPost {
  constructor(private readonly outbound: Outbound) {}

  /** Whatever the receiver does is an outcome. @throws only the reason of the signal */
  async send(message: Message): Promise<Outcome> {
    const [started, at] = [performance.now(), new Date()];
    const attempt = (status: number | null, error: string | null): DeliveryAttempt => ({
      at: at.toISOString(),
      status,
      error,
      duration_ms: Math.round(performance.now() - started),
    });
    try {
      const { status, headers, body } = await this.post(message, at);
      await heardOut(body);
      const isDelivered = status >= 200 && status < 300;
      return {
        attempt: attempt(status, isDelivered ? null : refusal(status)),
        isDelivered,
        isGone: status === GONE,
        retryAfterMs: retryAfterMs(headers['retry-after']),
      };
    } catch (error) {
      message.signal.throwIfAborted();
      if (!(error instanceof Problem)) throw error;
      return { attempt: attempt(null, error.message), isDelivered: false, isGone: false, retryAfterMs: 0 };
    }
  }

  private post({ url, id, payload, secrets, signal }: Message, at: Date): Promise<OutboundAnswer> {
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Toolyard',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': secrets.map((secret) => new Signer(secret).sign(id, at, payload)).join(' '),
    };
    return this.outbound.send({
      method: 'POST',
      url,
      headers,
      body: payload,
      headMs: ANSWER_MS,
      limits: LIMITS,
      signal,
    });
  }
}

/** The status counts; what comes after it may be endless. */
async function heardOut(body: OutboundAnswer['body']): Promise<void> {
  await finished(body.resume()).catch(() => {});
}

function refusal(status: number): string {
  if (status >= 300 && status < 400) return `The receiver answered ${status}; redirects are not followed.`;
  return `The receiver answered ${status}.`;
}
