import { ForbiddenException, Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Problem } from '../../src/errors/problem.js';
import { problemSchema } from '../../src/errors/problem.document.js';
import { SmallApp } from '../http/small.app.js';

describe('the one place that sends errors', () => {
  let small: SmallApp;
  let logged: unknown[];
  beforeAll(async () => {
    small = await SmallApp.open();
  });
  beforeEach(() => {
    logged = [];
    jest.spyOn(Logger.prototype, 'error').mockImplementation((line: unknown) => void logged.push(line));
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(() => small[Symbol.asyncDispose]());

  const throwing = (error: unknown, url = '/any?token=secret') => {
    small.answer = async () => {
      throw error;
    };
    return small.nest.inject({ url, headers: { 'x-request-id': 'my-id' } });
  };

  it('sends a problem with all its members', async () => {
    const details = [{ path: '/options/width', code: 'maximum', message: 'must be <= 10000' }];
    const headers = { 'retry-after': '1' };

    const answer = await throwing(new Problem('invalid_options', 'The width is too large.', { details, headers }));

    expect(answer.statusCode).toBe(422);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json; charset=utf-8',
      'cache-control': 'no-store',
      'retry-after': '1',
      'x-request-id': 'my-id',
    });
    expect(answer.json()).toEqual({
      type: '/docs/errors#invalid_options',
      title: 'The options do not fit the tool',
      status: 422,
      detail: 'The width is too large.',
      instance: '/any',
      error: {
        type: 'validation_error',
        code: 'invalid_options',
        message: 'The width is too large.',
        details,
        request_id: 'my-id',
        timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
        retryable: false,
      },
    });
    expect(problemSchema.parse(answer.json())).toEqual(answer.json());
    expect(logged).toEqual([]);
  });

  it.each([
    new Error('secret: /etc/passwd'),
    new TypeError('secret'),
    Object.assign(new Error('secret'), { detail: 'secret', query: 'secret' }),
    'secret',
    { secret: 'secret' },
  ])('tells nothing of a fault that nobody foresaw, but logs it', async (error) => {
    const answer = await throwing(error);

    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('secret');
    expect(answer.json()).toMatchObject({ detail: 'Something went wrong on our side.', error: { code: 'internal' } });
    expect(logged).toEqual([{ request_id: 'my-id', err: error, msg: 'internal' }]);
  });

  it('logs the cause of a fault on our side, and no fault of the client', async () => {
    const cause = new Error('The disk is full.');

    await throwing(new Problem('storage_full', undefined, { cause }));
    await throwing(new Problem('task_not_found', undefined, { cause }));

    expect(logged).toEqual([{ request_id: 'my-id', err: cause, msg: 'storage_full' }]);
  });

  it('answers what Nest throws in the same way', async () => {
    const answer = await throwing(new ForbiddenException('secret'));

    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(answer.body).not.toContain('secret');
  });

  it('breaks the connection when an answer has begun already', async () => {
    small.answer = async (_, reply) => {
      reply.raw.writeHead(200, { 'content-length': '1000' });
      await new Promise((written) => reply.raw.write('half', written));
      throw new Problem('file_expired');
    };
    const url = await small.listen();

    const response = await fetch(`${url}/own`);

    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('terminated');
  });
});
