import { describe, expect, it } from '@jest/globals';
import { configWarnings } from '../../src/config/config.warnings.js';

describe('configWarnings', () => {
  it.each([
    ['REDIS_URI', 'REDIS_URL'],
    ['DATABSE_URL', 'DATABASE_URL'],
    ['DATADIR', 'DATA_DIR'],
    ['WORKERS_CONCURENCY', 'WORKER_CONCURRENCY'],
    ['PROT', 'PORT'],
    ['REDIS_URLFILE', 'REDIS_URL_FILE'],
  ])('asks of %s whether %s is meant', (misspelt, meant) => {
    expect(configWarnings({ [misspelt]: 'hunter2' })).toEqual([`${misspelt} is not read: is ${meant} meant?`]);
  });

  it('says that only a secret may come from a file', () => {
    expect(configWarnings({ PORT_FILE: '/run/port' })).toEqual([
      'PORT_FILE is not read: only a secret may come from a file.',
    ]);
  });

  it('is silent about what every machine has, what is empty and what is known', () => {
    const usual = ['HOME', 'PATH', 'PWD', 'SHELL', 'TERM', 'USER', 'HOSTNAME', 'LANG', 'NODE_ENV', 'LOGNAME', 'TMPDIR'];

    expect(configWarnings(Object.fromEntries(usual.map((name) => [name, 'x'])))).toEqual([]);
    expect(configWarnings({ REDIS_URI: '' })).toEqual([]);
    expect(configWarnings({ PORT: '1', REDIS_URL_FILE: '/x', LOG_LEVEL: 'info' })).toEqual([]);
  });
});
