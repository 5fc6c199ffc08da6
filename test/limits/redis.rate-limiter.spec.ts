import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { MemoryRateLimiter } from '../../src/limits/memory.rate-limiter.js';
import { RedisRateLimiter } from '../../src/limits/redis.rate-limiter.js';
import { RedisConnections } from '../../src/queue/redis-connections.js';
import { until } from '../conditions.js';
import { describeRateLimiter } from '../contracts/rate-limiter.contract.js';
import { startSwallowingProxy } from '../queue/swallowing-proxy.js';
import { scratchRedis } from '../servers/scratch.js';
import { onBusyMachine } from '../time.limits.js';

/** A connection that is ready, as it is a moment after the start. */
async function ready(connections: RedisConnections): Promise<Redis> {
  const redis = connections.open('command');
  await until(() => redis.status === 'ready', { describe: 'Redis is connected' });
  return redis;
}

/** Stands in for Redis only when it should. */
class Forbidden extends MemoryRateLimiter {
  override hit(): never {
    throw new Error('Redis was not asked.');
  }
}

describeRateLimiter('RedisRateLimiter', async (clock) => {
  const scratch = await scratchRedis();
  const connections = new RedisConnections(scratch.url);
  const limiter = new RedisRateLimiter(await ready(connections), new Forbidden(), clock);
  return {
    limiter,
    dispose: async () => {
      connections.close();
      await scratch.drop();
    },
  };
});

describe('RedisRateLimiter', () => {
  const rate = { limit: 2, windowMs: 60_000 };
  let stack: AsyncDisposableStack;
  let url: string;
  beforeEach(async () => {
    stack = new AsyncDisposableStack();
    url = stack.use(await scratchRedis()).url;
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await stack.disposeAsync();
  });

  async function limiter(at = url): Promise<RedisRateLimiter> {
    const connections = new RedisConnections(at);
    stack.defer(() => connections.close());
    return new RedisRateLimiter(await ready(connections), new MemoryRateLimiter());
  }

  it('counts for all processes together, by the clock of Redis', async () => {
    const [one, other] = [await limiter(), await limiter()];

    expect(await one.hit('a', rate)).toMatchObject({ allowed: true, remaining: 1 });
    expect(await other.hit('a', rate)).toMatchObject({ allowed: true, remaining: 0 });
    expect(await one.hit('a', rate)).toMatchObject({ allowed: false });
  });

  it('leaves nothing in Redis for longer than a window', async () => {
    await (await limiter()).hit('a', { limit: 2, windowMs: 1_000 });

    const redis = new Redis(url);
    stack.defer(() => redis.disconnect());
    const [key = ''] = await redis.keys('*');
    expect(key).toBe('toolyard:rate:1000:a');
    expect(await redis.pttl(key)).toBeGreaterThan(0);
    expect(await redis.pttl(key)).toBeLessThanOrEqual(1_100);
  });

  it('goes on by itself while Redis says nothing, within a moment, and says so once', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
    const proxy = stack.use(await startSwallowingProxy(url));
    const alone = await limiter(proxy.url);
    await alone.hit('a', rate);
    proxy.swallow();

    const start = performance.now();
    const verdicts = [await alone.hit('a', rate), await alone.hit('a', rate), await alone.hit('a', rate)];

    expect(performance.now() - start).toBeLessThan(onBusyMachine(300));
    expect(verdicts.map(({ allowed }) => allowed)).toEqual([true, true, false]);
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it('asks Redis again when it is back', async () => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
    jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
    const proxy = stack.use(await startSwallowingProxy(url));
    const one = await limiter(proxy.url);
    const other = await limiter();
    await other.hit('a', rate);
    await other.hit('a', rate);
    proxy.swallow();
    expect(await one.hit('a', { ...rate, limit: 1_000_000 })).toMatchObject({ allowed: true, remaining: 999_999 });

    await until(async () => !(await one.hit('a', rate)).allowed, {
      describe: 'the count of Redis counts again',
      timeoutMs: 15_000,
    });
    expect((await one.hit('a', { ...rate, limit: 1_000_000 })).remaining).toBe(999_997);
  });
});
