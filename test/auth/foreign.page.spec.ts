import { describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import { refuseForeignPage } from '../../src/auth/foreign.page.js';
import { loadConfig } from '../../src/config/config.load.js';

const CONFIG = loadConfig({
  PUBLIC_URL: 'https://tools.example.org',
  CORS_ORIGINS: 'https://app.example, http://localhost:5173',
});

const asked = (headers: Record<string, string>, method = 'POST') => {
  const request: Pick<FastifyRequest, 'method' | 'headers'> = { method, headers: { host: 'inside:8080', ...headers } };
  return () => refuseForeignPage(request, CONFIG);
};

describe('a page that asks with a cookie', () => {
  it.each([
    ['http://inside:8080', undefined],
    ['https://tools.example.org', 'same-origin'],
    ['https://inside:8080', 'same-origin'],
  ])('may change something when it is of %s (%s)', (origin, site) => {
    expect(asked({ origin, ...(site && { 'sec-fetch-site': site }) })).not.toThrow();
  });

  it.each([
    'https://evil.example',
    'https://app.example',
    'http://localhost:5173',
    'https://app.example.evil.example',
    'http://app.example',
    'https://app.example:8443',
    'null',
    '',
  ])('changes nothing when it is of %j, and looks only', (origin) => {
    expect(asked({ origin })).toThrow(expect.objectContaining({ code: 'origin_not_allowed' }));
    expect(asked({ origin }, 'GET')).not.toThrow();
  });

  it('is a stranger also where CORS lists it, and the browser calls it a sister', () => {
    expect(asked({ origin: 'https://app.example', 'sec-fetch-site': 'same-site' })).toThrow('With a cookie');
  });
});
