import { hash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** So that people and secret scanners know what they have found. */
export const API_KEY_PREFIX = 'ty_live_';

const RANDOM_LENGTH = 30;
const CHECKSUM_LENGTH = 6;
/** In the order of their codes. */
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SHAPE = new RegExp(`^${API_KEY_PREFIX}([0-9A-Za-z]{${RANDOM_LENGTH}})([0-9A-Za-z]{${CHECKSUM_LENGTH}})$`);

/** A new key: the prefix, 178 random bits in base 62, and their CRC-32, also in base 62. */
export function newApiKey(): string {
  const random = Array.from({ length: RANDOM_LENGTH }, () => BASE62[randomInt(BASE62.length)]).join('');
  return API_KEY_PREFIX + random + checksum(random);
}

/** Whether somebody could have been given this key; a typing error is found without asking the database. */
export function isApiKey(key: string): boolean {
  const [, random = '', check] = SHAPE.exec(key) ?? [];
  return check !== undefined && checksum(random) === check;
}

/** What is kept of a key: SHA-256 in hexadecimal. A slow hash would add nothing to 178 random bits. */
export function apiKeyHash(key: string): string {
  return hash('sha256', key);
}

/** What is shown of a key, to tell it from others. */
export function apiKeyHint(key: string): string {
  return key.slice(0, API_KEY_PREFIX.length + 4);
}

function checksum(text: string): string {
  let rest = crc32(text);
  let digits = '';
  while (digits.length < CHECKSUM_LENGTH) {
    digits = BASE62.charAt(rest % BASE62.length) + digits;
    rest = Math.floor(rest / BASE62.length);
  }
  return digits;
}
