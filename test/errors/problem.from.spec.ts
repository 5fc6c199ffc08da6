import { BadRequestException, HttpException, NotFoundException, PayloadTooLargeException } from '@nestjs/common';
import { ConnectionException, LockWaitTimeoutException } from '@mikro-orm/core';
import { describe, expect, it } from '@jest/globals';
import { Problem } from '../../src/errors/problem.js';
import { PROBLEMS } from '../../src/errors/problem.catalogue.js';
import { problemFrom } from '../../src/errors/problem.from.js';

const withFields = (fields: object, message = 'secret detail') => Object.assign(new Error(message), fields);

describe('anything that is thrown', () => {
  it('stays what it is when it is a problem', () => {
    const problem = new Problem('task_not_found');

    expect(problemFrom(problem)).toBe(problem);
  });

  it.each([
    ['FST_ERR_CTP_BODY_TOO_LARGE', 'body_too_large'],
    ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'unsupported_media_type'],
    ['FST_REQ_FILE_TOO_LARGE', 'file_too_large'],
    ['FST_PARTS_LIMIT', 'too_many_files'],
    ['HPE_HEADER_OVERFLOW', 'headers_too_large'],
    ['ERR_HTTP_REQUEST_TIMEOUT', 'request_timeout'],
    ['ENOSPC', 'storage_full'],
    ['EDQUOT', 'storage_full'],
    ['ECONNREFUSED', 'unavailable'],
    ['SQLITE_BUSY', 'unavailable'],
    ['FST_SOMETHING_NEW', 'internal'],
  ])('is known by its code %s: %s', (code, problem) => {
    expect(problemFrom(withFields({ code })).code).toBe(problem);
  });

  it.each([
    [new NotFoundException('Cannot GET /'), 'not_found'],
    [new BadRequestException(), 'malformed_request'],
    [new PayloadTooLargeException(), 'body_too_large'],
    [new HttpException('I am a teapot', 418), 'internal'],
    [withFields({ statusCode: 415 }), 'unsupported_media_type'],
    [withFields({ statusCode: 200 }), 'internal'],
    [Object.assign(new SyntaxError('Unexpected token'), { statusCode: 400 }), 'malformed_json'],
  ])('is known by its status: %s', (error, code) => {
    expect(problemFrom(error).code).toBe(code);
  });

  it.each([
    new ConnectionException(new Error('no')),
    new LockWaitTimeoutException(new Error('no')),
    withFields({ code: 'ECONNREFUSED' }),
    new Error('timeout exceeded when trying to connect'),
    new Error('Connection terminated unexpectedly'),
  ])('is a part that does not answer, to be tried again soon: %s', (error) => {
    const problem = problemFrom(error);

    expect(problem).toMatchObject({
      code: 'unavailable',
      status: 503,
      retryable: true,
      headers: { 'retry-after': '2' },
    });
    expect(problem.cause).toBe(error);
  });

  it.each([undefined, null, 'text', 42, {}, Symbol('a'), new Error('secret detail'), { code: 42, statusCode: 'no' }])(
    'is a fault of ours when nobody foresaw it',
    (error) => {
      const problem = problemFrom(error);

      expect(problem).toMatchObject({ code: 'internal', status: 500 });
      expect(problem.cause).toBe(error);
    },
  );

  it('never tells more than the catalogue does', () => {
    for (const fields of [{ code: 'ENOSPC' }, { statusCode: 400 }, { code: 'FST_PARTS_LIMIT' }, {}]) {
      const { message, code } = problemFrom(withFields(fields));

      expect(message).toBe(`${PROBLEMS[code].title}.`);
      expect(message).not.toContain('secret');
    }
    expect(problemFrom(withFields({ code: 'ECONNREFUSED' })).message).not.toContain('secret');
  });
});
