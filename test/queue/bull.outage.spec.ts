import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import type { BullQueue } from '../../src/queue/bull.queue.js';
import { until } from '../conditions.js';
import { startRedis } from '../servers/redis.server.js';
import type { ServerProcess } from '../servers/server-process.js';
import { onBusyMachine } from '../time.limits.js';
import { openBullQueue } from './open-bull-queue.js';
import { startSwallowingProxy } from './swallowing-proxy.js';

describe('BullQueue', () => {
  let server: ServerProcess;
  let queue: BullQueue;
  let rung: string[];

  beforeAll(async () => {
    server = await startRedis();
  });

  beforeEach(async () => {
    for (const level of ['error', 'warn', 'log'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation(() => {});
    }
    await empty(server.url);
    queue = openBullQueue(server.url);
    rung = [];
  });

  afterEach(async () => {
    server.resume();
    await queue.close(0);
    jest.restoreAllMocks();
  });

  afterAll(() => server[Symbol.asyncDispose]());

  const note = async (id: string) => {
    rung.push(id);
  };

  describe('when Redis is frozen', () => {
    it('rejects within two seconds, and works again when Redis does', async () => {
      await queue.push('before:1');

      server.pause();

      await expectRejection(() => queue.push('frozen:1'), 2_000);
      await expectRejection(() => queue.counts(), 2_000);
      await expectRejection(() => queue.cancel('before:1'), 2_000);
      server.resume();
      await until(() => queue.push('after:1').then(() => true), { describe: 'a push succeeds' });
      expect((await queue.counts()).waiting).toBeGreaterThanOrEqual(2);
    });

    it('rejects each of many within two seconds', async () => {
      await queue.counts();
      server.pause();

      const start = performance.now();
      const results = await Promise.allSettled(Array.from({ length: 500 }, (_, index) => queue.push(`${index}:1`)));

      expect(results.every(({ status }) => status === 'rejected')).toBe(true);
      expect(performance.now() - start).toBeLessThan(onBusyMachine(2_000));
    });

    it('goes on consuming afterwards', async () => {
      await queue.consume(2, note);
      await queue.push('before:1');
      await until(() => rung.length === 1, { describe: 'it rang' });

      server.pause();
      await expectRejection(() => queue.push('frozen:1'), 2_000);
      server.resume();

      await until(() => queue.push('after:1').then(() => true), { describe: 'a push succeeds' });
      await until(() => rung.includes('after:1'), { describe: 'it rings again', timeoutMs: 10_000 });
    });

    it('closes in time', async () => {
      await queue.consume(2, () => new Promise(() => {}));
      await queue.push('one:1');
      await until(async () => (await queue.counts()).active === 1, { describe: 'it is being answered' });
      server.pause();
      const start = performance.now();

      await queue.close(500);

      expect(performance.now() - start).toBeLessThan(onBusyMachine(5_000));
    });
  });

  it('notices that the network swallows everything, and connects anew', async () => {
    await using network = await startSwallowingProxy(server.url);
    const far = openBullQueue(network.url);
    await far.consume(2, note);
    await far.push('before:1');
    await until(() => rung.length === 1, { describe: 'it rang' });

    network.swallow();
    await expectRejection(() => far.push('lost:1'), 2_000);

    await until(() => far.push('after:1').then(() => true), { describe: 'a push succeeds', timeoutMs: 10_000 });
    // The connection that nobody hears can still take the ring; Bull then finds it stalled, and it rings once more.
    await until(() => rung.includes('after:1'), { describe: 'it rings again', timeoutMs: 30_000 });
    await far.close(0);
  }, 60_000);

  describe('when Redis dies', () => {
    afterEach(async () => {
      if (!server.running) await server.start();
    });

    it('rejects within two seconds, and works again when Redis is back', async () => {
      await queue.push('before:1');

      await server.kill();

      await expectRejection(() => queue.push('dead:1'), 2_000);
      await expectRejection(() => queue.counts(), 2_000);
      await expectRejection(() => queue.cancel('before:1'), 2_000);
      await server.start();
      await until(() => queue.push('after:1').then(() => true), { describe: 'a push succeeds' });
    });

    it('goes on consuming when Redis is back', async () => {
      await queue.consume(2, note);
      await queue.push('before:1');
      await until(() => rung.length === 1, { describe: 'it rang' });

      await server.kill();
      await server.start();

      await until(() => queue.push('after:1').then(() => true), { describe: 'a push succeeds' });
      await until(() => rung.includes('after:1'), { describe: 'it rings again', timeoutMs: 10_000 });
    });

    it('survives that a handler ends while Redis is gone', async () => {
      const gate = Promise.withResolvers<void>();
      await queue.consume(1, async (id) => {
        await note(id);
        if (id === 'long:1') await gate.promise;
      });
      await queue.push('long:1');
      await until(() => rung.length === 1, { describe: 'it rang' });

      await server.kill();
      gate.resolve();
      await expectRejection(() => queue.counts(), 2_000);
      await server.start();

      await until(() => queue.push('after:1').then(() => true), { describe: 'a push succeeds' });
      await until(() => rung.includes('after:1'), { describe: 'it rings again', timeoutMs: 10_000 });
    });

    it('starts without Redis and consumes when it comes', async () => {
      await server.kill();
      const early = openBullQueue(server.url);

      await early.consume(1, note);
      await expectRejection(() => early.push('early:1'), 2_000);
      await server.start();

      await until(() => early.push('after:1').then(() => true), { describe: 'a push succeeds' });
      await until(() => rung.includes('after:1'), { describe: 'it rings', timeoutMs: 10_000 });
      await early.close(0);
    });

    it('tells the log of the loss once, and once of its end', async () => {
      const error = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
      const log = jest.spyOn(Logger.prototype, 'log').mockImplementation(() => {});
      await queue.consume(2, note);
      await queue.push('one:1');
      await until(() => rung.length === 1, { describe: 'it rang' });

      await server.kill();
      for (let index = 0; index < 5; index++) await queue.push(`${index}:1`).catch(() => {});
      await server.start();
      await until(() => log.mock.calls.length > 0, { describe: 'the end is told' });

      expect(error.mock.calls.map(([line]) => line)).toEqual([
        expect.objectContaining({ msg: 'Redis does not answer.' }),
      ]);
      expect(log.mock.calls).toEqual([['Redis answers again.']]);
    });

    it('closes in time', async () => {
      await queue.consume(2, () => new Promise(() => {}));
      await queue.push('one:1');
      await until(async () => (await queue.counts()).active === 1, { describe: 'it is being answered' });
      await server.kill();
      const start = performance.now();

      await queue.close(500);

      expect(performance.now() - start).toBeLessThan(onBusyMachine(5_000));
    });
  });
});

async function expectRejection(work: () => Promise<unknown>, withinMs: number): Promise<void> {
  const start = performance.now();

  await expect(work()).rejects.toMatchObject({ message: expect.any(String) });

  expect(performance.now() - start).toBeLessThan(onBusyMachine(withinMs));
}

async function empty(url: string): Promise<void> {
  const redis = new Redis(url);
  await redis.flushall();
  redis.disconnect();
}
