import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { until } from '../conditions.js';
import { type RedisOptions, startRedis } from '../servers/redis.server.js';
import { openBullQueue } from './open-bull-queue.js';

describe('the settings of Redis', () => {
  let told: string[];

  beforeEach(() => {
    for (const level of ['error', 'log'] as const) jest.spyOn(Logger.prototype, level).mockImplementation(() => {});
    told = [];
    jest.spyOn(Logger.prototype, 'warn').mockImplementation((line) => void told.push(String(line)));
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it.each<[string, RedisOptions, string[]]>([
    ['that forgets everything', { appendOnly: false }, ['appendonly']],
    ['that throws away', { more: ['maxmemory-policy allkeys-lru'] }, ['maxmemory-policy']],
    [
      'that does both',
      { appendOnly: false, more: ['maxmemory-policy volatile-ttl'] },
      ['appendonly', 'maxmemory-policy'],
    ],
    ['that does not tell', { more: ['rename-command CONFIG ""'] }, ['does not tell']],
  ])('of one %s are told once, with what to do, and it works all the same', async (_, options, expected) => {
    await using server = await startRedis(options);
    const queue = openBullQueue(server.url);
    const rung: string[] = [];
    await queue.consume(1, async (id) => {
      rung.push(id);
    });

    await until(() => queue.warnings().length > 0, { describe: 'the settings are known' });
    await queue.push('one');
    await until(() => rung.length === 1, { describe: 'it rang' });
    await server.kill();
    await server.start();
    await until(() => queue.push('two').then(() => true), { describe: 'a push succeeds' });
    await queue.close(0);

    expect(told).toEqual(expected.map((words) => expect.stringContaining(words)));
    expect(queue.warnings()).toEqual(told);
  });
});
