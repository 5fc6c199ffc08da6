import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Encryption } from '../../encryption/encryption.js';
import type { Webhook } from './webhook.entity.js';

/** So that people and secret scanners know what they have found (Standard Webhooks). */
const PREFIX = 'whsec_';
const SECRET_BYTES = 32;

/** The secrets of webhooks: shown once, kept sealed, opened to sign. */
@Injectable()
export class WebhookSecrets {
  constructor(private readonly encryption: Encryption) {}

  /** A new one, and how it is kept. */
  make(webhookId: string): { secret: string; sealed: string } {
    const secret = PREFIX + randomBytes(SECRET_BYTES).toString('base64');
    return { secret, sealed: this.encryption.seal(secret, place(webhookId)) };
  }

  /** Those that sign now, the newest first. */
  live({ id, secret, previousSecret, previousUntil }: Webhook, now: Date): string[] {
    const previous = previousSecret && previousUntil && previousUntil > now ? [previousSecret] : [];
    return [secret, ...previous].map((sealed) => this.encryption.open(sealed, place(id)));
  }
}

function place(webhookId: string): string {
  return `webhook:${webhookId}`;
}
