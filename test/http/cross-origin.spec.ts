import { afterEach, describe, expect, it } from '@jest/globals';
import { SmallApp } from './small.app.js';

const OURS = 'https://app.example';
const FOREIGN = [
  'https://evil.example',
  'null',
  'http://app.example',
  'https://app.example.evil.example',
  'https://APP.example',
  '',
];

const allowing = (headers: Record<string, unknown>) =>
  Object.keys(headers).filter((name) => name.startsWith('access-control-'));

describe('CORS', () => {
  let small: SmallApp;
  afterEach(() => small[Symbol.asyncDispose]());

  const ask = (origin: string, method: 'GET' | 'OPTIONS' = 'GET') =>
    small.nest.inject({
      method,
      url: '/things',
      headers: { origin, ...(method === 'OPTIONS' && { 'access-control-request-method': 'POST' }) },
    });

  it('lets the pages of a listed origin read answers, faults included', async () => {
    small = await SmallApp.open({ CORS_ORIGINS: `http://localhost:5173,${OURS}` });
    const { headers } = await ask(OURS);
    const fault = await small.nest.inject({ url: '/nothing', headers: { origin: OURS } });

    expect(headers).toMatchObject({ 'access-control-allow-origin': OURS, vary: 'Origin' });
    expect(headers['access-control-expose-headers']).toContain('Retry-After');
    expect(fault).toMatchObject({ statusCode: 404, headers: { 'access-control-allow-origin': OURS } });
  });

  it('answers its preflight requests', async () => {
    small = await SmallApp.open({ CORS_ORIGINS: OURS });
    const answer = await ask(OURS, 'OPTIONS');

    expect(answer.statusCode).toBe(204);
    expect(answer.headers['access-control-allow-methods']).toContain('DELETE');
    expect(answer.headers['access-control-allow-headers']).toContain('Authorization');
  });

  it.each(['Cache-Control', 'Idempotency-Key', 'Last-Event-ID', 'Mcp-Protocol-Version', 'Prefer', 'Upload-Offset'])(
    'lets them send %s',
    async (name) => {
      small = await SmallApp.open({ CORS_ORIGINS: OURS });
      const { headers } = await ask(OURS, 'OPTIONS');

      expect(String(headers['access-control-allow-headers']).split(', ')).toContain(name);
    },
  );

  it.each(FOREIGN)('tells the origin %j nothing', async (origin) => {
    small = await SmallApp.open({ CORS_ORIGINS: OURS });

    for (const method of ['GET', 'OPTIONS'] as const) expect(allowing((await ask(origin, method)).headers)).toEqual([]);
  });

  it('is nobody unless somebody is listed', async () => {
    small = await SmallApp.open();

    for (const origin of [OURS, ...FOREIGN]) expect(allowing((await ask(origin)).headers)).toEqual([]);
  });

  it('never allows what a browser adds by itself', async () => {
    small = await SmallApp.open({ CORS_ORIGINS: OURS });

    for (const method of ['GET', 'OPTIONS'] as const) {
      const { headers } = await ask(OURS, method);
      expect(headers).not.toHaveProperty('access-control-allow-credentials');
      expect(Object.values(headers)).not.toContain('*');
    }
  });
});
