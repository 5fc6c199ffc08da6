import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import { keptSecret } from './kept.secret.js';

const CIPHER = 'aes-256-gcm';
/** Random ones of 96 bits are good for four thousand million texts with one key (NIST SP 800-38D §8.3). */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 'v1';

interface Key {
  /** Which key it is; tells nothing of the key itself. */
  readonly id: string;
  readonly bytes: Buffer;
}

/**
 * Keeps what the platform itself must be able to read again out of the database in clear: secrets of webhooks, header
 * fields that go along with imports, and the like. AES-256-GCM; what was sealed in one place opens in no other.
 */
@Injectable()
export class Encryption {
  private readonly current: Key;
  private readonly keys: ReadonlyMap<string, Key>;

  constructor(config: Config) {
    this.current = keyFrom(
      config.ENCRYPTION_KEY ?? keptSecret(join(config.DATA_DIR, 'encryption-key'), 'ENCRYPTION_KEY'),
    );
    const previous = config.ENCRYPTION_KEY_PREVIOUS === undefined ? [] : [keyFrom(config.ENCRYPTION_KEY_PREVIOUS)];
    this.keys = new Map([...previous, this.current].map((key) => [key.id, key]));
  }

  /** @param place what the text belongs to, such as `webhook:<id>` */
  seal(text: string, place: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.current.bytes, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(place));
    const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return [VERSION, this.current.id, sealed.toString('base64url')].join('.');
  }

  /** @throws Error when it was sealed for another place, by a key that is not known any more, or was changed */
  open(sealed: string, place: string): string {
    const [version, id = '', text = ''] = sealed.split('.');
    const key = version === VERSION ? this.keys.get(id) : undefined;
    if (!key) throw new Error(`What is sealed cannot be opened: ENCRYPTION_KEY is not the one that sealed it (${id}).`);
    const bytes = Buffer.from(text, 'base64url');
    const decipher = createDecipheriv(CIPHER, key.bytes, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(place));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  }
}

/** HKDF (RFC 5869): the configured secret may be any text that is long enough. */
function keyFrom(secret: string): Key {
  const derive = (purpose: string, bytes: number) => Buffer.from(hkdfSync('sha256', secret, '', purpose, bytes));
  return { id: derive('toolyard key id', 6).toString('base64url'), bytes: derive('toolyard encryption', 32) };
}
