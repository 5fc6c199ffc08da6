import { createPrivateKey, createPublicKey, hash, hkdfSync, type KeyObject, sign, verify } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../../config/config.js';
import { keptSecret } from '../../encryption/kept.secret.js';
import { canonicalJson } from '../canonical.json.js';
import type { Receipt, SignedReceipt } from './receipt.document.js';

/** PKCS #8 (RFC 8410 §7) of an Ed25519 key, but for its 32 bytes at the end. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SEED_BYTES = 32;
const PURPOSE = 'toolyard receipts';

/** A public key as RFC 8037 writes it. */
export const publicKeySchema = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().regex(/^[\w-]{43}$/),
  kid: z.string(),
  use: z.literal('sig'),
  alg: z.literal('EdDSA'),
});

/** Keys as RFC 7517 §5 writes them. */
export const publicKeysSchema = z.object({ keys: z.array(publicKeySchema) }).meta({ id: 'ReceiptKeys' });

export type PublicKey = z.output<typeof publicKeySchema>;

/** The key that signs receipts. It comes from RECEIPT_SECRET, or from a secret that is made once and kept in DATA_DIR. */
export class ReceiptKey {
  readonly public: PublicKey;
  private readonly private: KeyObject;

  constructor({ RECEIPT_SECRET, DATA_DIR }: Config) {
    const secret = RECEIPT_SECRET ?? keptSecret(join(DATA_DIR, 'receipt-secret'), 'RECEIPT_SECRET');
    const seed = Buffer.from(hkdfSync('sha256', secret, '', PURPOSE, SEED_BYTES));
    this.private = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
    const { x = '' } = createPublicKey(this.private).export({ format: 'jwk' });
    this.public = { kty: 'OKP', crv: 'Ed25519', x, kid: thumbprint(x), use: 'sig', alg: 'EdDSA' };
  }

  sign(receipt: Receipt): SignedReceipt {
    const value = sign(null, bytesOf(receipt), this.private).toString('base64url');
    return { receipt, signature: { algorithm: 'Ed25519', key_id: this.public.kid, value } };
  }
}

/**
 * Whether one of the keys has signed this.
 *
 * @param receipt as it was parsed, with every member: none may be left out or added
 */
export function isSigned(receipt: unknown, { key_id, value }: SignedReceipt['signature'], keys: readonly PublicKey[]) {
  const key = keys.find(({ x }) => thumbprint(x) === key_id);
  if (!key || !isJson(receipt)) return false;
  const jwk = { kty: key.kty, crv: key.crv, x: key.x };
  return verify(null, bytesOf(receipt), createPublicKey({ key: jwk, format: 'jwk' }), Buffer.from(value, 'base64url'));
}

/** RFC 7638, of the members that RFC 8037 §2 names. */
function thumbprint(x: string): string {
  return hash('sha256', canonicalJson({ crv: 'Ed25519', kty: 'OKP', x }), 'base64url');
}

/** A number too large for JSON is written like null, and must not pass for it. */
function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(isJson);
}

function bytesOf(receipt: unknown): Buffer {
  return Buffer.from(canonicalJson(receipt));
}
