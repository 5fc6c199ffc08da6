import { Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MetricsModule } from '../../src/metrics/metrics.module.js';
import { Queue } from '../../src/queue/queue.js';

const counts = async () => ({ waiting: 5, delayed: 0, active: 0 });

@Global()
@Module({ providers: [{ provide: Queue, useValue: { counts } }], exports: [Queue] })
class CountedQueueModule {}

@Module({ imports: [CountedQueueModule, MetricsModule] })
class ApplicationModule {}

describe('GET /metrics', () => {
  let application: NestFastifyApplication;
  beforeEach(async () => {
    application = await NestFactory.create<NestFastifyApplication>(ApplicationModule, new FastifyAdapter(), {
      logger: false,
      abortOnError: false,
    });
    await application.init();
  });
  afterEach(async () => {
    await application.close();
  });

  it("answers in Prometheus' text format and is never cached", async () => {
    const answer = await application.inject({ method: 'GET', url: '/metrics' });

    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.body).toContain('toolyard_queue_depth{state="waiting"} 5');
  });
});
