import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allowedMethods } from '../../src/http/allowed-methods.js';
import { SmallApp } from './small.app.js';

describe('the methods of a path', () => {
  const routes = [
    { path: '/tasks', methods: ['GET', 'HEAD'] },
    { path: '/tasks', methods: ['POST'] },
    { path: '/tasks/:id', methods: ['DELETE'] },
    { path: '/tasks/:id', methods: ['GET'] },
    { path: '/tasks/special', methods: ['PUT', 'GET'] },
    { path: '/tasks/:id/events', methods: ['GET'] },
    { path: '/docs/*', methods: ['OPTIONS'] },
    { path: '*', methods: ['PATCH'] },
  ];

  it.each([
    ['/tasks', ['GET', 'HEAD', 'POST']],
    ['/tasks/1', ['DELETE', 'GET']],
    ['/tasks/special', ['DELETE', 'GET', 'PUT']],
    ['/tasks/1/events', ['GET']],
    ['/tasks/', []],
    ['/tasks//events', []],
    ['/tasks/1/2', []],
    ['/Tasks', []],
    ['/', []],
    ['', []],
    ['/docs/a', []],
  ])('are, for %j, %j', (path, methods) => {
    expect(allowedMethods(routes, path)).toEqual(methods);
  });
});

describe('a method that a path does not take', () => {
  let small: SmallApp;
  beforeAll(async () => {
    small = await SmallApp.open();
  });
  afterAll(() => small[Symbol.asyncDispose]());

  it.each([
    ['DELETE', '/things', 'GET, HEAD'],
    ['PUT', '/things/7?a=/b', 'GET, HEAD, POST'],
    ['GET', '/form', 'POST'],
    ['PATCH', '/things/a%2Fb', 'GET, HEAD, POST'],
  ] as const)('%s %s is answered with 405 and those that it takes: %s', async (method, url, allow) => {
    const answer = await small.nest.inject({ method, url });

    expect(answer.statusCode).toBe(405);
    expect(answer.headers['allow']).toBe(allow);
    expect(answer.json()).toMatchObject({ status: 405, error: { code: 'method_not_allowed' } });
    expect(answer.json().detail).toBe(`${url.split('?', 1)[0]} takes ${allow}.`);
  });

  it.each(['/nothing', '/things/1/2', '/things//', '/things/', '/Things'])('is not what %s lacks: 404', async (url) => {
    const answer = await small.nest.inject({ method: 'POST', url });

    expect(answer.statusCode).toBe(404);
    expect(answer.headers['allow']).toBeUndefined();
    expect(answer.json()).toMatchObject({ instance: url, error: { code: 'not_found' } });
  });
});
