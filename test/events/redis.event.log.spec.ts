import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import type { Entry } from '../../src/events/event.log.js';
import { RedisEventLog } from '../../src/events/redis.event.log.js';
import { RedisConnections } from '../../src/queue/redis-connections.js';
import { until } from '../conditions.js';
import { describeEventLog } from '../contracts/event-log.contract.js';
import { startRedis } from '../servers/redis.server.js';
import { scratchRedis } from '../servers/scratch.js';
import type { ServerProcess } from '../servers/server-process.js';
import { onBusyMachine } from '../time.limits.js';

const open = async (url: string) => {
  const log = new RedisEventLog(new RedisConnections(url));
  await log.open();
  return log;
};

const texts = (log: RedisEventLog, subject: string) => log.past({ subject }).entries.map(({ text }) => text);

describeEventLog('RedisEventLog', async () => {
  const scratch = await scratchRedis();
  const [here, there] = [await open(scratch.url), await open(scratch.url)];
  return {
    here,
    there,
    dispose: async () => {
      await Promise.all([here.close(), there.close()]);
      await scratch.drop();
    },
  };
});

describe('RedisEventLog', () => {
  let server: ServerProcess;
  let here: RedisEventLog;
  let there: RedisEventLog;

  beforeAll(async () => {
    server = await startRedis();
  });
  beforeEach(async () => {
    for (const level of ['error', 'warn', 'log'] as const)
      jest.spyOn(Logger.prototype, level).mockImplementation(() => {});
    [here, there] = [await open(server.url), await open(server.url)];
  });
  afterEach(async () => {
    server.resume();
    await Promise.all([here.close(), there.close()]);
    jest.restoreAllMocks();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  let subjects = 0;
  const about = () => `task ${++subjects}`;
  const say = (subject: string, text: string, mark?: string) =>
    here.append([{ subject, owner: 'somebody', type: 'status', text, ...(mark !== undefined && { mark }) }]);
  const arrives = (subject: string, text: string, log = there) =>
    until(() => texts(log, subject).includes(text), { timeoutMs: 15_000, describe: `${text} has come` });

  it.each([
    ['frozen', () => server.pause(), () => server.resume()],
    ['dead', () => server.kill(), () => server.start()],
  ] as const)(
    'loses and doubles nothing that is said while Redis is %s',
    async (_, breakIt, mendIt) => {
      const subject = about();
      say(subject, 'before');
      await arrives(subject, 'before');

      await breakIt();
      const wanted = Array.from({ length: 500 }, (_, number) => String(number));
      for (const text of wanted) say(subject, text);
      await expect(here.missing(['any'])).rejects.toThrow(/./);
      await mendIt();
      await arrives(subject, '499');

      expect(texts(there, subject).filter((text) => text !== 'before')).toEqual(wanted);
    },
    30_000,
  );

  it('knows after a start what others have said before', async () => {
    const subject = about();
    say(subject, 'one');
    say(subject, 'two');
    await arrives(subject, 'two');

    const late = await open(server.url);
    const entries = late.past({ subject }).entries;
    const whole = late.past({ subject }, entries[0]?.id);
    await late.close();

    expect(entries).toEqual(there.past({ subject }).entries);
    expect(whole).toEqual({ entries: entries.slice(1), isWhole: true, head: expect.any(String) });
  });

  it('tells followers when more has passed than the stream keeps', async () => {
    const subject = about();
    say(subject, 'before');
    await arrives(subject, 'before');
    const [before] = there.past({ subject }).entries;
    const heard: (Entry | 'lost')[] = [];
    there.follow({ subject }, { heard: (entry) => void heard.push(entry), lost: () => void heard.push('lost') });

    // What the stream would be if this process had been away for long: nothing of what it knows is left.
    const redis = new Redis(server.url);
    await redis.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await redis.multi().del('toolyard:log').exec();
    redis.disconnect();
    say(subject, 'after');
    await arrives(subject, 'after');

    expect(heard).toEqual(['lost', expect.objectContaining({ text: 'after' })]);
    expect(there.past({ subject }, before?.id).isWhole).toBe(false);
  }, 20_000);

  it('passes over what others have written', async () => {
    const subject = about();
    const redis = new Redis(server.url);

    await redis.xadd('toolyard:log', '*', 'subject', subject, 'text', 'of strangers');
    redis.disconnect();
    say(subject, 'ours');
    await arrives(subject, 'ours');

    expect(texts(there, subject)).toEqual(['ours']);
  });

  it('does not keep a start waiting for a Redis that does not answer', async () => {
    server.pause();
    const started = performance.now();

    const log = await open(server.url);
    const elapsed = performance.now() - started;
    server.resume();
    await log.close();

    expect(elapsed).toBeLessThan(onBusyMachine(3_000));
  });
});
