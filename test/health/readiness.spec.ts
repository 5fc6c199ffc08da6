import { Logger } from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService, TerminusModule } from '@nestjs/terminus';
import { NestFactory } from '@nestjs/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import { type Answer, Readiness } from '../../src/health/readiness.js';
import type { Queue } from '../../src/queue/queue.js';
import type { Sandbox } from '../../src/sandbox/sandbox.js';
import { ToolReadiness } from '../../src/health/tool.readiness.js';
import type { Storage } from '../../src/storage/storage.js';
import type { ToolRegistry } from '../../src/tools/tool.registry.js';
import { onBusyMachine } from '../time.limits.js';

const never = () => new Promise<never>(() => {});
const fail = async () => {
  throw new Error('connect ECONNREFUSED 10.0.0.7:5432 password=secret');
};
const failAtOnce = (): never => {
  throw new Error('secret');
};

/** The parts that are down. */
const down = ({ parts: found }: Answer): string[] =>
  Object.entries(found).flatMap(([name, { status }]) => (status === 'down' ? name : []));

const FOUND = { mode: 'auto', layers: ['limits', 'permission'], missing: { namespaces: 'It is not installed.' } };
const WELL = { available: 4, unavailable: 0, broken_plugins: 0 };

describe('the readiness of the platform', () => {
  let close: () => Promise<void>;
  let services: [HealthCheckService, HealthIndicatorService];
  let readiness: Readiness;
  let parts: { ping: () => Promise<unknown>; counts: () => Promise<unknown>; check: () => Promise<unknown> };
  let tools: { unavailableReason: string | undefined }[];
  let broken: unknown[];
  let warnings: string[];

  beforeAll(async () => {
    Logger.overrideLogger(false);
    const context = await NestFactory.createApplicationContext(TerminusModule.forRoot({ logger: false }), {
      logger: false,
      abortOnError: false,
    });
    close = () => context.close();
    services = [await context.resolve(HealthCheckService), context.get(HealthIndicatorService)];
  });
  beforeEach(() => {
    parts = { ping: async () => {}, counts: async () => ({}), check: async () => {} };
    tools = Array.from({ length: 4 }, () => ({ unavailableReason: undefined }));
    broken = [];
    warnings = [];
    readiness = new Readiness(
      ...services,
      { ping: () => parts.ping() } as unknown as Database,
      { counts: () => parts.counts(), warnings: () => warnings } as unknown as Queue,
      { check: () => parts.check() } as unknown as Storage,
      new ToolReadiness(
        services[1],
        { list: () => tools, brokenPlugins: () => broken } as unknown as ToolRegistry,
        { finding: async () => FOUND } as unknown as Sandbox,
      ),
    );
  });
  afterAll(() => close());

  it('is there when every part answers', async () => {
    await expect(readiness.ask()).resolves.toEqual({
      ready: true,
      parts: {
        process: { status: 'up' },
        database: { status: 'up' },
        queue: { status: 'up' },
        storage: { status: 'up' },
        plugins: { status: 'up', ...WELL },
        sandbox: { status: 'up', ...FOUND },
      },
    });
  });

  it.each([
    ['database', 'ping'],
    ['queue', 'counts'],
    ['storage', 'check'],
  ] as const)('is not there when the %s fails, and the others are asked all the same', async (name, ask) => {
    for (const fault of [fail, failAtOnce]) {
      parts[ask] = fault;

      const answer = await readiness.ask();

      expect(answer.ready).toBe(false);
      expect(down(answer)).toEqual([name]);
      expect(Object.keys(answer.parts)).toHaveLength(6);
      expect(JSON.stringify(answer)).not.toMatch(/secret|10\.0\.0\.7|ECONN/);
    }
  });

  it('waits 1.5 seconds for all parts together, and no longer', async () => {
    let asked = 0;
    const silent = () => {
      asked += 1;
      return never();
    };
    parts = { ping: silent, counts: silent, check: silent };
    const started = performance.now();

    const answering = readiness.ask();
    await new Promise(setImmediate);
    const askedAtOnce = asked;
    const answer = await answering;

    const elapsed = performance.now() - started;
    expect(down(answer).toSorted()).toEqual(['database', 'queue', 'storage']);
    expect(askedAtOnce).toBe(3);
    expect(elapsed).toBeGreaterThan(1_400);
    expect(elapsed).toBeLessThan(onBusyMachine(2_000));
  });

  it('is there again when the part is', async () => {
    parts.counts = fail;
    const before = await readiness.ask();
    parts.counts = async () => ({});

    expect([before.ready, (await readiness.ask()).ready]).toEqual([false, true]);
  });

  it('tells what should be mended, and is there all the same', async () => {
    warnings = ['Set this otherwise.'];

    await expect(readiness.ask()).resolves.toMatchObject({
      ready: true,
      parts: { queue: { status: 'up', warnings: ['Set this otherwise.'] } },
    });
  });

  it('does not depend on every plugin', async () => {
    tools = [...tools, { unavailableReason: 'It is broken.' }];
    broken = [{}, {}];

    await expect(readiness.ask()).resolves.toMatchObject({
      ready: true,
      parts: { plugins: { status: 'up', available: 4, unavailable: 1, broken_plugins: 2 } },
    });
  });

  it('depends on there being any', async () => {
    tools = [{ unavailableReason: 'It is broken.' }];

    const answer = await readiness.ask();

    expect(answer.ready).toBe(false);
    expect(down(answer)).toEqual(['plugins']);
  });

  it('ends when the process is asked to stop, before anything else does', async () => {
    readiness.onModuleDestroy();

    const answer = await readiness.ask();

    expect(answer.ready).toBe(false);
    expect(down(answer)).toEqual(['process']);
  });

  it('can be asked by many at once', async () => {
    parts.check = fail;

    const answers = await Promise.all(Array.from({ length: 50 }, () => readiness.ask()));

    expect(answers.map(down)).toEqual(Array.from({ length: 50 }, () => ['storage']));
  });
});
