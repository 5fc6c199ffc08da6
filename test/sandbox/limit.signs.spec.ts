import { describe, expect, it } from '@jest/globals';
import { limitInWords, limitOfSignal } from '../../src/sandbox/limit.signs.js';

describe('the signs of a limit', () => {
  it.each([
    'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
    'RangeError: Array buffer allocation failed',
    'RangeError: Failed to allocate memory\n    at createUnsafeBuffer (node:internal/buffer:1115:25)',
    'Error: spawn ENOMEM',
    "terminate called after throwing an instance of 'std::bad_alloc'",
    'fork: Cannot allocate memory',
  ])('of memory are known: %s', (text) => {
    expect(limitInWords(text)).toBe('memory');
  });

  it('of the workspace are known', () => {
    expect(limitInWords('Error: EFBIG: file too large, write')).toBe('workspace');
    expect(limitOfSignal('SIGXFSZ')).toBe('workspace');
  });

  it('of the processor is the signal of the system', () => {
    expect(limitOfSignal('SIGXCPU')).toBe('cpu');
  });

  it('are not seen in what tells of something else', () => {
    expect(limitInWords('Error: ENOSPC: no space left on device')).toBeUndefined();
    expect(limitInWords('TypeError: memory is not a function')).toBeUndefined();
    expect([limitOfSignal('SIGKILL'), limitOfSignal(null)]).toEqual([undefined, undefined]);
  });
});
