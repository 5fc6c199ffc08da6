import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/config.load.js';
import { Encryption } from '../../src/encryption/encryption.js';

const OLD = 'the key of last year, long enough';
const NEW = 'the key of this year, long enough';
const TEXT = 'whsec_ümläut';

const encryption = (env: Record<string, string>): Encryption => new Encryption(loadConfig(env));

describe('what is sealed', () => {
  const now = encryption({ ENCRYPTION_KEY: NEW });

  it('opens again, says nothing, and never looks the same', () => {
    const sealed = [now.seal(TEXT, 'a'), now.seal(TEXT, 'a')];

    expect(sealed.map((text) => now.open(text, 'a'))).toEqual([TEXT, TEXT]);
    expect(new Set(sealed).size).toBe(2);
    expect(sealed.join()).not.toContain('whsec');
    expect(now.open(now.seal('', 'a'), 'a')).toBe('');
  });

  it('opens in its own place only', () => {
    expect(() => now.open(now.seal(TEXT, 'webhook:1'), 'webhook:2')).toThrow('authenticate');
  });

  it('does not open when a single character of it is another one', () => {
    const sealed = now.seal(TEXT, 'a');
    const opened = sealed.split('').map((character, index) => {
      const changed = sealed.slice(0, index) + (character === 'A' ? 'B' : 'A') + sealed.slice(index + 1);
      try {
        return now.open(changed, 'a');
      } catch {
        return 'refused';
      }
    });

    // The last character of base64url can have bits that mean nothing.
    expect(opened.slice(0, -1).filter((text) => text !== 'refused')).toEqual([]);
  });

  it.each(['', 'v1', 'v1..', 'v2.a.b', TEXT])('is not %j', (text) => {
    expect(() => now.open(text, 'a')).toThrow('cannot be opened');
  });

  it('outlives one change of the key', () => {
    const sealed = encryption({ ENCRYPTION_KEY: OLD }).seal(TEXT, 'a');

    expect(encryption({ ENCRYPTION_KEY: NEW, ENCRYPTION_KEY_PREVIOUS: OLD }).open(sealed, 'a')).toBe(TEXT);
    expect(() => now.open(sealed, 'a')).toThrow('ENCRYPTION_KEY');
  });
});

describe('without ENCRYPTION_KEY', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'toolyard-encryption-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('a key is made once, which nobody else can read', async () => {
    const DATA_DIR = join(directory, 'data');
    const sealed = encryption({ DATA_DIR }).seal(TEXT, 'a');

    expect(encryption({ DATA_DIR }).open(sealed, 'a')).toBe(TEXT);
    const path = join(DATA_DIR, 'encryption-key');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(Buffer.from(await readFile(path, 'utf8'), 'base64url')).toHaveLength(32);
  });
});
