import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { signingSecrets } from '../auth/sessions/signing.secret.js';
import { Config } from '../config/config.js';
import { filePath } from './file.document.js';
import type { File } from './file.entity.js';

const DEFAULT_SECONDS = 15 * 60;
const MOST_SECONDS = 24 * 60 * 60;

export const newLinkSchema = z
  .strictObject({
    expires_in: z.int().min(1).max(MOST_SECONDS).default(DEFAULT_SECONDS).describe('Seconds for which the link works.'),
  })
  .meta({ id: 'NewLink' });

export const linkSchema = z
  .object({
    url: z.string().describe('Path and query. Whoever has them can download the file, without any other credential.'),
    expires_at: z.iso.datetime().describe('RFC 3339, UTC.'),
  })
  .meta({ id: 'Link' });

/** What a signed link carries in its query. */
export const linkQuery = z.object({
  expires: z.coerce.number().int().min(0).max(1e11).describe('Seconds since 1970.'),
  signature: z.string().length(43),
});

/** What is signed of a file: the link is for these bytes only. */
type Target = Pick<File, 'id' | 'sha256'>;

/** Links that carry their own permission: HMAC-SHA-256 over the file, its bytes and the end of the link. */
@Injectable()
export class FileLinks {
  /** The one that signs first. */
  private readonly keys: readonly Buffer[];

  constructor(config: Config) {
    this.keys = signingSecrets(config).map(linkKey);
  }

  /** @param expiresAt whole seconds count */
  sign(file: Target, expiresAt: Date): z.output<typeof linkSchema> {
    const [key] = this.keys;
    if (!key) throw new Error('There is no key to sign with.');
    const expires = Math.floor(expiresAt.getTime() / 1000);
    const signature = signatureOf(key, file, expires).toString('base64url');
    return {
      url: `${filePath(file.id)}/linked?expires=${expires}&signature=${signature}`,
      expires_at: new Date(expires * 1000).toISOString(),
    };
  }

  /** Whether the link was made here for these bytes; not whether its time is over. */
  isGenuine(file: Target, { expires, signature }: z.output<typeof linkQuery>): boolean {
    const given = Buffer.from(signature, 'base64url');
    return this.keys.some((key) => {
      const expected = signatureOf(key, file, expires);
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
  }
}

/** A key that signs links and nothing else, RFC 5869. */
function linkKey(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'toolyard: signed link to a file', 32));
}

function signatureOf(key: Buffer, { id, sha256 }: Target, expires: number): Buffer {
  return createHmac('sha256', key)
    .update(JSON.stringify([id, sha256, expires]))
    .digest();
}
