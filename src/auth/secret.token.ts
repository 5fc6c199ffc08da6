import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits for whoever is to prove later that it was they who got them. */
export function newSecretToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What is kept of it: SHA-256 in hexadecimal. */
export function secretTokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
