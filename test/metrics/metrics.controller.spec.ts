import { type DynamicModule, Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/config.load.js';
import { ConfigModule } from '../../src/config/config.module.js';
import { ProblemFilter } from '../../src/errors/problem.filter.js';
import { MetricsModule } from '../../src/metrics/metrics.module.js';
import { Queue } from '../../src/queue/queue.js';

const counts = async () => ({ waiting: 5, delayed: 0, active: 0 });

@Global()
@Module({ providers: [{ provide: Queue, useValue: { counts } }, ProblemFilter], exports: [Queue] })
class CountedQueueModule {}

@Module({})
class ApplicationModule {
  static with(env: Record<string, string>): DynamicModule {
    const imports = [ConfigModule.forRoot(loadConfig(env)), CountedQueueModule, MetricsModule];
    return { module: ApplicationModule, imports };
  }
}

describe('GET /metrics', () => {
  let application: NestFastifyApplication;

  const start = async (env: Record<string, string> = {}): Promise<void> => {
    const options = { logger: false, abortOnError: false } as const;
    const module = ApplicationModule.with(env);
    application = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), options);
    application.useGlobalFilters(application.get(ProblemFilter));
    await application.init();
  };
  const ask = (authorization?: string) =>
    application.inject({
      method: 'GET',
      url: '/metrics',
      headers: authorization === undefined ? {} : { authorization },
    });
  afterEach(() => application.close());

  it("answers in Prometheus' text format and is never cached", async () => {
    await start();

    const answer = await ask();

    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.body).toContain('toolyard_queue_depth{state="waiting"} 5');
  });

  it('answers only who shows METRICS_TOKEN, where there is one', async () => {
    await start({ METRICS_TOKEN: 'for-prometheus-only' });

    const answers = await Promise.all(
      [undefined, '', 'Bearer', 'Bearer for-prometheus-onlY', 'Basic for-prometheus-only', 'for-prometheus-only'].map(
        ask,
      ),
    );
    const [usual, small] = [await ask('Bearer for-prometheus-only'), await ask('bearer  for-prometheus-only')];

    expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 401));
    expect(answers[0]?.headers['www-authenticate']).toContain('Bearer');
    expect(answers.map(({ body }) => body).join()).not.toContain('toolyard_queue_depth');
    expect([usual.statusCode, small.statusCode]).toEqual([200, 200]);
  });
});
