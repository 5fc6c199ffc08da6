import { describe, expect, it } from '@jest/globals';
import { apiKeyHash, apiKeyHint, isApiKey, newApiKey } from '../../../src/auth/keys/api-key.format.js';

describe('an API key', () => {
  it('begins so that a scanner for secrets knows it, and has 36 letters and digits more', () => {
    for (let tries = 0; tries < 200; tries++) expect(newApiKey()).toMatch(/^ty_live_[0-9A-Za-z]{36}$/);
  });

  it('is never the same', () => {
    expect(new Set(Array.from({ length: 1_000 }, newApiKey)).size).toBe(1_000);
  });

  it('is known again by its checksum, and a typing error by it, too', () => {
    const key = newApiKey();

    expect(isApiKey(key)).toBe(true);
    for (let index = 0; index < key.length; index++) {
      const other = key[index] === 'x' ? 'y' : 'x';
      expect(isApiKey(key.slice(0, index) + other + key.slice(index + 1))).toBe(false);
    }
  });

  it('has the checksum that anybody can compute: CRC-32 of the 30 random ones, in base 62', () => {
    expect(isApiKey('ty_live_0000000000000000000000000000002C8GjS')).toBe(true);
  });

  it.each([
    '',
    'ty_live_',
    `${newApiKey()}x`,
    ` ${newApiKey()}`,
    `${newApiKey()}\n`,
    newApiKey().replace('live', 'test'),
  ])('is not %j', (text) => {
    expect(isApiKey(text)).toBe(false);
  });

  it('is kept as SHA-256, and shown by its beginning alone', () => {
    const key = newApiKey();

    expect(apiKeyHash(key)).toMatch(/^[0-9a-f]{64}$/);
    expect(apiKeyHint(key)).toBe(key.slice(0, 12));
  });
});
