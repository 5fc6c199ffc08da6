import { describe, expect, it } from '@jest/globals';
import { retryAfter } from '../../src/tasks/task.retry-after.js';

describe('when to ask again', () => {
  it.each([
    [undefined, '1'],
    [null, '1'],
    [0, '1'],
    [0.2, '1'],
    [1.1, '2'],
    [59.5, '60'],
    [3_600, '60'],
  ])('with %p seconds to go is after %p', (eta, seconds) => {
    expect(retryAfter(eta)).toBe(seconds);
  });
});
