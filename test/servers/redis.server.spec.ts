import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { until } from '../conditions.js';
import { startRedis } from './redis.server.js';
import type { ServerProcess } from './server-process.js';

const ask = async (url: string, use: (redis: Redis) => Promise<unknown>) => {
  const redis = new Redis(url, { maxRetriesPerRequest: 1, commandTimeout: 500 });
  redis.on('error', () => {});
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
  }
};

describe('the shared Redis', () => {
  it('answers PING', async () => {
    await expect(ask(String(process.env['TEST_REDIS_URL']), (redis) => redis.ping())).resolves.toBe('PONG');
  });
});

describe('a Redis of its own', () => {
  let server: ServerProcess;

  beforeAll(async () => {
    server = await startRedis();
  });

  afterAll(() => server[Symbol.asyncDispose]());

  it('never evicts, and refuses who does not know the password', async () => {
    const policy = await ask(server.url, (redis) => redis.config('GET', 'maxmemory-policy'));
    const stranger = ask(server.url.replace(/:[^:@]+@/, ''), (redis) => redis.ping());

    expect(policy).toEqual(['maxmemory-policy', 'noeviction']);
    await expect(stranger).rejects.toThrow('NOAUTH');
  });

  it('keeps its data and its port when it is killed and started again', async () => {
    await ask(server.url, (redis) => redis.set('kept', 'yes'));

    await server.kill();
    const whileDead = await ask(server.url, (redis) => redis.ping()).catch(() => 'refused');
    await server.start();

    expect(whileDead).toBe('refused');
    await expect(ask(server.url, (redis) => redis.get('kept'))).resolves.toBe('yes');
  });

  it('ends in good order when it is stopped', async () => {
    const exit = await server.stop();
    await server.start();

    expect(exit).toEqual({ code: 0, signal: null });
  });

  it('is silent while it is paused, and goes on afterwards', async () => {
    server.pause();
    const whilePaused = await ask(server.url, (redis) => redis.ping()).catch(() => 'silence');
    server.resume();

    expect(whilePaused).toBe('silence');
    await expect(ask(server.url, (redis) => redis.ping())).resolves.toBe('PONG');
  });

  it('forgets everything in a crash when it is not append-only', async () => {
    await using forgetful = await startRedis({ appendOnly: false });
    await ask(forgetful.url, (redis) => redis.set('kept', 'yes'));

    await forgetful.kill();
    await forgetful.start();

    await expect(ask(forgetful.url, (redis) => redis.get('kept'))).resolves.toBeNull();
  });

  it('takes its directory with it', async () => {
    const other = await startRedis();
    const answer = await ask(other.url, (redis) => redis.config('GET', 'dir'));
    const directory = String(answer).replace('dir,', '');
    expect(existsSync(directory)).toBe(true);

    await other[Symbol.asyncDispose]();

    await until(() => !existsSync(directory), { describe: 'the directory is gone' });
  });
});
