import { describe, expect, it } from '@jest/globals';
import { ConnectionException } from '@mikro-orm/core';
import { isOutage, patiently } from '../../src/database/patience.js';

const outage = () => new ConnectionException(new Error('The database does not answer.'));
const never = new AbortController().signal;

describe('patience with the database', () => {
  it('repeats the work until the database answers', async () => {
    let calls = 0;
    const work = async () => {
      calls += 1;
      if (calls < 4) throw outage();
      return 'done';
    };

    await expect(patiently(work, never)).resolves.toBe('done');

    expect(calls).toBe(4);
  });

  it('ends with any other fault at once', async () => {
    let calls = 0;
    const work = async () => {
      calls += 1;
      throw new Error('A fault that this test has made.');
    };

    await expect(patiently(work, never)).rejects.toThrow('this test');

    expect(calls).toBe(1);
  });

  it('ends with the signal, also while it waits', async () => {
    const stop = new AbortController();
    const work = async () => {
      setImmediate(() => stop.abort());
      throw outage();
    };
    let fault: unknown;
    void patiently(work, stop.signal).catch((error: unknown) => (fault = error));

    // Whoever sleeps to the end of the pause wakes up later than both.
    for (let turn = 0; turn < 2; turn++) await new Promise(setImmediate);

    expect(fault).toMatchObject({ message: expect.stringContaining('does not answer') });
  });

  it('tries once, though the signal has come already', async () => {
    await expect(patiently(async () => 'done', AbortSignal.abort())).resolves.toBe('done');
  });

  it.each([
    [outage(), true],
    [new Error('Connection terminated unexpectedly'), true],
    [Object.assign(new Error('terminating connection due to administrator command'), { code: '57P01' }), true],
    [Object.assign(new Error('duplicate key'), { code: '23505' }), false],
    [new TypeError('x is not a function'), false],
  ])('knows an outage: %p', (error, expected) => {
    expect(isOutage(error)).toBe(expected);
  });
});
