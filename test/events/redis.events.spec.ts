import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { RedisEvents } from '../../src/events/redis.events.js';
import { RedisConnections } from '../../src/queue/redis-connections.js';
import { until } from '../conditions.js';
import { describeEvents } from '../contracts/events.contract.js';
import { startRedis } from '../servers/redis.server.js';
import { scratchRedis } from '../servers/scratch.js';
import type { ServerProcess } from '../servers/server-process.js';
import { onBusyMachine } from '../time.limits.js';

const open = (url: string) => new RedisEvents(new RedisConnections(url));

describeEvents('RedisEvents', async () => {
  const scratch = await scratchRedis();
  const [here, there] = [open(scratch.url), open(scratch.url)];
  return {
    here,
    there,
    dispose: async () => {
      await Promise.all([here.close(), there.close()]);
      await scratch.drop();
    },
  };
});

describe('RedisEvents', () => {
  let server: ServerProcess;
  let here: RedisEvents;
  let there: RedisEvents;
  let heard: string[];

  beforeAll(async () => {
    server = await startRedis();
  });
  beforeEach(() => {
    for (const level of ['error', 'log'] as const) jest.spyOn(Logger.prototype, level).mockImplementation(() => {});
    [here, there] = [open(server.url), open(server.url)];
    heard = [];
    there.subscribe('news', (text) => void heard.push(text));
  });
  afterEach(async () => {
    server.resume();
    await Promise.all([here.close(), there.close()]);
    jest.restoreAllMocks();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const arrives = (text: string) =>
    until(() => here.publish('news', text).then(() => heard.includes(text)), {
      timeoutMs: 10_000,
      describe: `${text} is heard`,
    });

  it.each([
    ['frozen', () => server.pause(), () => server.resume()],
    ['dead', () => server.kill(), () => server.start()],
  ] as const)('reject within two seconds while Redis is %s, and go on afterwards', async (_, breakIt, mendIt) => {
    await arrives('before');
    await breakIt();
    const own: string[] = [];
    here.subscribe('news', (text) => void own.push(text));

    const started = performance.now();
    await expect(here.publish('news', 'lost')).rejects.toMatchObject({ message: expect.any(String) });
    const elapsed = performance.now() - started;
    await mendIt();

    expect(elapsed).toBeLessThan(onBusyMachine(2_000));
    expect(own).toEqual(['lost']);
    await arrives('after');
  });

  it('keep the databases of one Redis apart', async () => {
    await using other = await scratchRedis(server.url);
    const stranger = open(other.url);
    await arrives('before');

    await stranger.publish('news', 'of strangers');
    await arrives('after');
    await stranger.close();

    expect(heard).not.toContain('of strangers');
  });

  it.each(['{bad', '[]', 'null', '{"version":2,"from":"x","text":"y"}', '{"version":1,"text":1}', ''])(
    'pass over what cannot be read: %s',
    async (message) => {
      await arrives('before');
      const redis = new Redis(server.url);

      await redis.publish('toolyard:events:0:news', message);
      redis.disconnect();
      await arrives('after');

      expect(new Set(heard)).toEqual(new Set(['before', 'after']));
    },
  );

  it('have no connection before they are used, and none after close', async () => {
    const redis = new Redis(server.url);
    const count = async () =>
      String(await redis.client('LIST'))
        .trim()
        .split('\n').length;
    const fresh = open(server.url);
    await arrives('before');
    const before = await count();

    fresh.subscribe('news', () => {});
    await until(async () => (await count()) === before + 1, { describe: 'the listener is connected' });
    await fresh.publish('news', 'one');
    const both = await count();
    await fresh.close();
    await until(async () => (await count()) === before, { describe: 'nothing of it is connected' });
    redis.disconnect();

    expect(both).toBe(before + 2);
  });
});
