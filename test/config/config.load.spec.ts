import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Config } from '../../src/config/config.js';
import { ConfigurationFault } from '../../src/config/config.fault.js';
import { type Environment, loadConfig } from '../../src/config/config.load.js';

function faultsOf(env: Environment): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigurationFault) return error.faults;
    throw error;
  }
  return [];
}

describe('loadConfig', () => {
  it('needs nothing: every variable has a default', () => {
    const config = loadConfig({});

    expect(config).toBeInstanceOf(Config);
    expect(config).toMatchObject({
      HOST: '127.0.0.1',
      PORT: 8080,
      ROLE: 'all',
      MAX_UPLOAD_BYTES: 5 * 1024 ** 3,
      FILE_TTL_HOURS: 24,
      LOG_LEVEL: 'info',
    });
    expect(config.WORKER_CONCURRENCY).toBeGreaterThan(0);
    expect(config.DATABASE_URL).toBeUndefined();
    expect(config.REDIS_URL).toBeUndefined();
  });

  it('reads numbers from text', () => {
    const config = loadConfig({ PORT: '0', FILE_TTL_HOURS: '0.5' });

    expect(config).toMatchObject({ PORT: 0, FILE_TTL_HOURS: 0.5 });
  });

  it('takes an empty variable for an unset one', () => {
    expect(loadConfig({ PORT: '', REDIS_URL: '', ROLE: '', REDIS_URL_FILE: '' })).toEqual(loadConfig({}));
  });

  it('reads only the variables it knows', () => {
    expect(loadConfig({ PATH: '/bin', SOMETHING_ELSE: 'x' })).toEqual(loadConfig({}));
  });

  it('makes directories absolute', () => {
    const config = loadConfig({ DATA_DIR: 'here/data', PLUGINS_DIR: 'test/../test' });

    expect(config.DATA_DIR).toBe(resolve('here/data'));
    expect(config.PLUGINS_DIR).toBe(resolve('test'));
    expect(isAbsolute(loadConfig({}).DATA_DIR)).toBe(true);
  });

  it.each(['no/such/directory', 'package.json'])('refuses plugins in what is no directory: %s', (path) => {
    expect(() => loadConfig({ PLUGINS_DIR: path })).toThrow('PLUGINS_DIR must be a directory that exists');
  });

  it('gives a configuration that nobody can change', () => {
    expect(Object.isFrozen(loadConfig({}))).toBe(true);
  });

  it('tells every fault at once, one line for each variable', () => {
    const env = { PORT: '70000', ROLE: 'boss', LOG_LEVEL: 'loud', WORKER_CONCURRENCY: '1.5', FILE_TTL_HOURS: 'day' };

    expect(() => loadConfig(env)).toThrow(
      [
        'The configuration is not valid:',
        '  PORT must be at most 65535',
        '  ROLE must be one of all, api, worker',
        '  WORKER_CONCURRENCY must be a whole number',
        '  FILE_TTL_HOURS must be a number',
        '  LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent',
      ].join('\n'),
    );
  });

  it('tells faults between variables together with faults of single ones', () => {
    expect(faultsOf({ PORT: 'eighty', ADMIN_EMAIL: 'a@b.test', ROLE: 'worker' })).toEqual([
      'PORT must be a number',
      expect.stringMatching(/^REDIS_URL is needed when ROLE is worker/),
      expect.stringMatching(/^ENCRYPTION_KEY is needed/),
      'ADMIN_PASSWORD is needed with ADMIN_EMAIL',
    ]);
  });

  it('never tells what a variable holds', () => {
    const secret = 'hunter2-s3cr3t';

    const everyVariable = Object.keys(loadConfig({ PLUGINS_DIR: 'test' }));
    const wrong = Object.fromEntries(
      [...everyVariable, 'DATABASE_URL', 'REDIS_URL', 'STORAGE_URL'].map((name) => [name, `mysql://u:${secret}@h`]),
    );
    const faults = faultsOf({ ...wrong, REDIS_URL: '', REDIS_URL_FILE: `/nowhere/${secret}` });

    expect(faults.length).toBeGreaterThan(8);
    expect(faults.join('\n')).not.toContain(secret);
    expect(faults).toContain('REDIS_URL_FILE names a file that cannot be read (ENOENT)');
  });

  it.each(['Infinity', 'NaN', '-1', '0', '1e400', '12 apples'])('refuses %s tasks at the same time', (value) => {
    expect(faultsOf({ WORKER_CONCURRENCY: value })).toHaveLength(1);
  });
});

const JWT_SECRET = 'x'.repeat(32);
const ENCRYPTION_KEY = 'y'.repeat(32);

describe('an account for the start', () => {
  it.each([
    ['ADMIN_PASSWORD', { ADMIN_EMAIL: 'me@example.org' }],
    ['ADMIN_EMAIL', { ADMIN_PASSWORD: 'four words that fit' }],
    ['MAIL_FROM', { SMTP_URL: 'smtp://localhost' }],
  ])('is not made of half of what it needs: %s', (missing, env) => {
    expect(faultsOf(env)).toEqual([expect.stringMatching(new RegExp(`^${missing} is needed with `))]);
  });

  it('has its address in small letters', () => {
    const config = loadConfig({ ADMIN_EMAIL: ' Me@Example.org ', ADMIN_PASSWORD: 'x' });

    expect(config.ADMIN_EMAIL).toBe('me@example.org');
  });
});

describe('passwords', () => {
  it('cannot be allowed to have fewer than eight characters', () => {
    expect(faultsOf({ PASSWORD_MIN_LENGTH: '7' })).toEqual(['PASSWORD_MIN_LENGTH must be at least 8']);
    expect(loadConfig({ PASSWORD_MIN_LENGTH: '8' }).PASSWORD_MIN_LENGTH).toBe(8);
    expect(loadConfig({}).PASSWORD_MIN_LENGTH).toBe(15);
  });
});

describe('the secret of access tokens', () => {
  it('has at least 32 bytes', () => {
    expect(faultsOf({ JWT_SECRET: 'x'.repeat(31), JWT_SECRET_PREVIOUS: 'short' })).toEqual([
      'JWT_SECRET must have at least 32 bytes',
      'JWT_SECRET_PREVIOUS must have at least 32 bytes',
    ]);
    expect(loadConfig({ JWT_SECRET: 'ü'.repeat(16) }).JWT_SECRET).toBe('ü'.repeat(16));
  });

  it('is needed by every API, as it may not be the only one', () => {
    expect(faultsOf({ ROLE: 'api', ENCRYPTION_KEY, REDIS_URL: 'redis://localhost' })).toEqual([
      expect.stringMatching(/^JWT_SECRET is needed when ROLE is api/),
    ]);
  });
});

describe('the key that encrypts', () => {
  it('has at least 32 bytes', () => {
    expect(faultsOf({ ENCRYPTION_KEY: 'x'.repeat(31), ENCRYPTION_KEY_PREVIOUS: 'short' })).toEqual([
      'ENCRYPTION_KEY must have at least 32 bytes',
      'ENCRYPTION_KEY_PREVIOUS must have at least 32 bytes',
    ]);
  });

  it.each(['api', 'worker'])('is needed by a process that is not the only one: %s', (ROLE) => {
    expect(faultsOf({ ROLE, JWT_SECRET, REDIS_URL: 'redis://localhost' })).toEqual([
      expect.stringMatching(/^ENCRYPTION_KEY is needed when ROLE is not all/),
    ]);
  });
});

describe('a role in a process of its own', () => {
  it.each(['api', 'worker'])('needs Redis: %s', (ROLE) => {
    expect(faultsOf({ ROLE, JWT_SECRET, ENCRYPTION_KEY })).toEqual([expect.stringMatching(/^REDIS_URL is needed/)]);
    expect(loadConfig({ ROLE, JWT_SECRET, ENCRYPTION_KEY, REDIS_URL: 'redis://localhost:6379' }).ROLE).toBe(ROLE);
  });

  it('is not said to need Redis when the address of Redis is what is wrong', () => {
    expect(faultsOf({ ROLE: 'api', JWT_SECRET, ENCRYPTION_KEY, REDIS_URL: 'http://redis' })).toEqual([
      'REDIS_URL must be a URL that begins with redis:// or rediss://',
    ]);
  });
});

describe('a secret in a file', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'toolyard-config-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  const url = 'postgresql://toolyard:p%40ss@database/toolyard';
  function secretFile(content: string): string {
    const path = join(directory, 'secret');
    writeFileSync(path, content);
    return path;
  }

  it.each([url, `${url}\n`, `${url}\r\n`])('is read without its final newline', (content) => {
    expect(loadConfig({ DATABASE_URL_FILE: secretFile(content) }).DATABASE_URL).toBe(url);
  });

  it('is refused together with the variable itself', () => {
    expect(faultsOf({ DATABASE_URL: url, DATABASE_URL_FILE: secretFile(url) })).toEqual([
      'DATABASE_URL is set together with DATABASE_URL_FILE: remove one of them',
    ]);
  });

  it('is refused when it is empty, is a directory, or holds something else', () => {
    expect(faultsOf({ DATABASE_URL_FILE: secretFile('\n') })).toEqual(['DATABASE_URL_FILE names a file that is empty']);
    expect(faultsOf({ DATABASE_URL_FILE: directory })).toEqual([
      'DATABASE_URL_FILE names a file that cannot be read (EISDIR)',
    ]);
    expect(faultsOf({ DATABASE_URL_FILE: secretFile('hunter2') })).toEqual([
      expect.stringMatching(/^DATABASE_URL must be a URL/),
    ]);
  });

  it('is not read for a variable that is no secret', () => {
    expect(loadConfig({ PORT_FILE: secretFile('9') }).PORT).toBe(8080);
  });
});
