import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Problem } from '../../src/errors/problem.js';
import { type ResponseEvent, responses } from '../../src/http/response.channel.js';
import { onBusyMachine } from '../time.limits.js';
import { SmallApp } from './small.app.js';

/** As pino writes them. */
const INFO = 30;
const DEBUG = 20;

describe('each answered request', () => {
  let small: SmallApp;
  let events: ResponseEvent[];
  let unsubscribe: () => void;
  beforeAll(async () => {
    small = await SmallApp.open();
  });
  beforeEach(() => {
    events = [];
    small.log.length = 0;
    unsubscribe = responses.subscribe((event) => events.push(event));
  });
  afterEach(() => unsubscribe());
  afterAll(() => small[Symbol.asyncDispose]());

  const seconds = expect.any(Number);

  it.each([
    ['GET', '/things', '/things', 200],
    ['GET', '/things/secret?token=secret', '/things/:id', 200],
    ['HEAD', '/things/7', '/things/:id', 200],
    ['POST', '/things/7', '/things/:id', 415],
    ['GET', '/nothing/secret', 'unknown', 404],
    ['DELETE', '/things/secret', 'unknown', 405],
    ['GET', '/things/%zz', 'unknown', 400],
  ] as const)(
    'is told with the pattern of its route, never with its path: %s %s',
    async (method, url, route, status) => {
      const headers = method === 'POST' ? { 'content-type': 'text/plain' } : {};

      await small.nest.inject({ method, url, headers, ...(method === 'POST' && { payload: 'a' }) });

      expect(events).toEqual([{ method, route, status, seconds }]);
    },
  );

  it('is told also when it fails', async () => {
    small.answer = async () => {
      throw new Problem('unavailable');
    };

    await small.nest.inject({ url: '/any' });

    expect(events).toEqual([{ method: 'GET', route: '/any', status: 503, seconds }]);
  });

  it('is told with the time that it took', async () => {
    small.answer = () => new Promise((resolve) => setTimeout(resolve, 60, {}));

    await small.nest.inject({ url: '/any' });

    expect(events[0]?.seconds).toBeGreaterThan(0.05);
    expect(events[0]?.seconds).toBeLessThan(onBusyMachine(2));
  });

  it('is logged in one line with its id, and without its path', async () => {
    await small.nest.inject({ url: '/things/secret?token=secret', headers: { 'x-request-id': 'my-id' } });

    expect(small.log).toMatchObject([
      { level: INFO, request_id: 'my-id', method: 'GET', route: '/things/:id', status: 200, seconds, msg: 'answered' },
    ]);
    expect(JSON.stringify(small.log)).not.toContain('secret');
  });

  it('is logged only for the curious when it is a probe', async () => {
    await small.nest.inject({ url: '/health' });

    expect(small.log).toMatchObject([{ level: DEBUG, route: '/health' }]);
  });
});
