import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import type { BullQueue } from '../../src/queue/bull.queue.js';
import { until } from '../conditions.js';
import { NOTHING, untilCounts } from '../contracts/queue.consuming.contract.js';
import { describeQueue } from '../contracts/queue.contract.js';
import { type Scratch, scratchRedis } from '../servers/scratch.js';
import { onBusyMachine } from '../time.limits.js';
import { openBullQueue } from './open-bull-queue.js';

describeQueue('BullQueue', async () => {
  const scratch = await scratchRedis();
  const queue = openBullQueue(scratch.url);
  return {
    queue,
    dispose: async () => {
      await queue.close(0);
      await scratch.drop();
    },
  };
});

describe('BullQueue', () => {
  let scratch: Scratch;
  let redis: Redis;
  let queue: BullQueue;
  let rung: string[];

  beforeEach(async () => {
    scratch = await scratchRedis();
    redis = new Redis(scratch.url);
    queue = openBullQueue(scratch.url);
    rung = [];
  });

  afterEach(async () => {
    await queue.close(0);
    redis.disconnect();
    await scratch.drop();
    jest.restoreAllMocks();
  });

  const note = async (id: string) => {
    rung.push(id);
  };

  /** How many clients use this scratch, the one that asks included. */
  async function connections(): Promise<number> {
    const list = String(await redis.client('LIST'));
    return list.split('\n').filter((line) => line.includes(` db=${redis.options.db} `)).length;
  }

  it('has one connection while it only pushes, and none after close', async () => {
    const ofThisTest = 1;
    await queue.push('one:1');
    await queue.counts();
    await until(async () => (await connections()) === ofThisTest + 1, { describe: 'one is connected' });

    await queue.consume(4, note);
    await until(() => rung.length === 1, { describe: 'it rang' });
    expect(await connections()).toBe(ofThisTest + 3);

    await queue.close(0);
    await until(async () => (await connections()) === ofThisTest, { describe: 'nothing is connected' });
  });

  it('leaves nothing in Redis of a ring that was answered, well or badly', async () => {
    await queue.consume(2, async (id) => {
      await note(id);
      if (id === 'bad:1') throw new Error('A fault that this test has made.');
    });

    await queue.push('good:1');
    await queue.push('bad:1');

    await until(() => rung.length === 2, { describe: 'both rang' });
    await until(async () => !(await redis.keys('*')).some((key) => /good|bad|completed|failed/.test(key)), {
      describe: 'both are gone',
    });
  });

  it('keeps the id in the key and nothing but the id in the payload', async () => {
    await queue.push('0199-1:3', { priority: 7 });

    const job = await redis.hgetall('toolyard:tasks:0199-1:3');

    expect(JSON.parse(job['data'] ?? '')).toEqual({ version: 1, id: '0199-1:3' });
  });

  it('shares the rings between processes', async () => {
    const other = openBullQueue(scratch.url);
    const gate = Promise.withResolvers<void>();
    const heard: string[][] = [[], []];
    for (const [index, consumer] of [queue, other].entries()) {
      await consumer.consume(2, async (id) => {
        heard[index]?.push(id);
        await gate.promise;
      });
    }

    for (let index = 0; index < 4; index++) await queue.push(`${index}:1`);

    await until(() => heard.every((ids) => ids.length === 2), { describe: 'both are busy' });
    gate.resolve();
    await other.close(5_000);
    expect(heard.flat().toSorted()).toEqual(['0:1', '1:1', '2:1', '3:1']);
  });

  it('rings elsewhere what was delayed by a process that is gone', async () => {
    const other = openBullQueue(scratch.url);
    await other.push('one:1', { delayMs: 300 });
    await other.close(0);

    await queue.consume(1, note);

    await until(() => rung.length === 1, { describe: 'it rang' });
  });

  describe('passes over', () => {
    const spoiled: Record<string, (key: string) => Promise<unknown>> = {
      'data that is not JSON': (key) => redis.hset(key, 'data', '{bad'),
      'data of another type': (key) => redis.hset(key, 'data', '[1,2]'),
      'no data': (key) => redis.hdel(key, 'data'),
      'an unknown version': (key) => redis.hset(key, 'data', '{"version":2,"id":"bad:1"}'),
      'an id that is no text': (key) => redis.hset(key, 'data', '{"version":1,"id":{"a":1}}'),
      'five megabytes': (key) => redis.hset(key, 'data', JSON.stringify({ version: 1, id: 'x'.repeat(5_000_000) })),
      'options that are not JSON': (key) => redis.hset(key, 'opts', '{bad'),
      'options that are null': (key) => redis.hset(key, 'opts', 'null'),
      'no job at all': (key) => redis.del(key),
    };

    it.each(Object.keys(spoiled))('%s, and goes on at once', async (fault) => {
      const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
      await queue.push('before:1');
      await queue.push('bad:1');
      await queue.push('after:1');
      await spoiled[fault]?.('toolyard:tasks:bad:1');
      const start = performance.now();

      await queue.consume(1, note);

      await until(() => rung.length === 2, { describe: 'the good ones rang' });
      await untilCounts(queue, NOTHING);
      expect(rung).toEqual(['before:1', 'after:1']);
      expect(performance.now() - start).toBeLessThan(onBusyMachine(1_000));
      expect(warn).toHaveBeenCalledTimes(1);
      expect((await redis.keys('*')).filter((key) => key.includes('bad'))).toEqual([]);
    });

    it('options that ask for what we never ask for', async () => {
      await queue.push('odd:1');
      await redis.hset('toolyard:tasks:odd:1', 'opts', '{"attempts":1000000}');
      await redis.hset('toolyard:tasks:odd:1', 'name', 'unknown');

      await queue.consume(1, note);

      await until(() => rung.length === 1, { describe: 'it rang' });
      await untilCounts(queue, NOTHING);
    });

    it('a job that is no hash, after a while', async () => {
      await queue.push('bad:1');
      await queue.push('good:1');
      await redis.set('toolyard:tasks:bad:1', 'text');

      await queue.consume(1, note);

      await until(() => rung.length === 1, { describe: 'the good one rang' });
      expect(rung).toEqual(['good:1']);
    });
  });
});
