import { describe, expect, it } from '@jest/globals';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { loadConfig } from '../../src/config/config.load.js';
import { BullQueue } from '../../src/queue/bull.queue.js';
import { EmbeddedQueue } from '../../src/queue/embedded.queue.js';
import { QueueModule } from '../../src/queue/queue.module.js';
import { Queue } from '../../src/queue/queue.js';
import { until } from '../conditions.js';
import { scratchRedis } from '../servers/scratch.js';
import { onBusyMachine } from '../time.limits.js';

@Module({})
class Application {}

async function start(variables: Record<string, string>): Promise<INestApplicationContext> {
  const module = { module: Application, imports: [QueueModule.forRoot(loadConfig(variables))] };
  return NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
}

describe('QueueModule', () => {
  it('gives the embedded queue unless there is a Redis', async () => {
    const application = await start({});

    expect(application.get(Queue)).toBeInstanceOf(EmbeddedQueue);

    await application.close();
  });

  it('gives the queue on Redis when there is one', async () => {
    await using redis = await scratchRedis();
    const application = await start({ REDIS_URL: redis.url });
    const queue = application.get(Queue);
    const rung: string[] = [];

    await queue.consume(1, async (id) => {
      rung.push(id);
    });
    await queue.push('one:1');

    expect(queue).toBeInstanceOf(BullQueue);
    await until(() => rung.length === 1, { describe: 'it rang' });
    await application.close();
  });

  it.each(['embedded', 'redis'])('closes the queue with the application (%s), whatever still runs', async (kind) => {
    await using redis = await scratchRedis();
    const application = await start(kind === 'redis' ? { REDIS_URL: redis.url } : {});
    const queue = application.get(Queue);
    await queue.consume(1, () => new Promise(() => {}));
    await queue.push('one:1');
    await until(async () => (await queue.counts()).active === 1, { describe: 'it is being answered' });
    const begin = performance.now();

    await application.close();

    expect(performance.now() - begin).toBeLessThan(onBusyMachine(2_000));
    await expect(queue.push('two:1')).rejects.toThrow(/closed/);
  });
});
