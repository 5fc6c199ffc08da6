import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { signingSecrets } from '../../../src/auth/sessions/signing.secret.js';
import { loadConfig } from '../../../src/config/config.load.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'toolyard-secret-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('the secret that is kept in DATA_DIR', () => {
  it('is made once', async () => {
    const config = loadConfig({ DATA_DIR: directory });

    const [first, second] = [signingSecrets(config), signingSecrets(config)];

    expect(first).toEqual(second);
    expect(first).toEqual([await readFile(join(directory, 'jwt-secret'), 'utf8')]);
  });

  it.each(['', '\n', 'x'.repeat(31)])('is not used when it was cut off: %j', async (kept) => {
    await writeFile(join(directory, 'jwt-secret'), kept);

    expect(() => signingSecrets(loadConfig({ DATA_DIR: directory }))).toThrow('JWT_SECRET is not set');
  });
});
