import { describe, expect, it } from '@jest/globals';
import { preferredWait } from '../../src/http/prefer.js';

describe('the preference to wait', () => {
  it.each<[string | string[] | undefined, number | undefined]>([
    ['wait=10', 10],
    ['Wait = 10', 10],
    ['wait="10"', 10],
    ['wait=0', 0],
    ['wait=25', 25],
    ['wait=26', 25],
    ['wait=999999999', 25],
    ['respond-async, wait=5', 5],
    ['wait=5; foo=bar, handling=lenient', 5],
    ['wait=5, wait=7', 5],
    [['respond-async', 'wait=3'], 3],
    ['wait', undefined],
    ['wait, wait=7', undefined],
    ['wait=', undefined],
    ['wait=-1', undefined],
    ['wait=1.5', undefined],
    ['wait=soon', undefined],
    ['wait=9999999999999999999', undefined],
    ['waiting=5', undefined],
    ['return=minimal', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j means %j', (prefer, seconds) => {
    expect(preferredWait(prefer)).toBe(seconds);
  });
});
