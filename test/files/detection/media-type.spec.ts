import { describe, expect, it } from '@jest/globals';
import { matches } from '../../../src/files/detection/media-type.js';

describe('matches', () => {
  it.each([
    ['*/*', 'application/octet-stream'],
    ['image/*', 'image/png'],
    ['image/*', 'image/svg+xml'],
    ['text/csv', 'text/csv'],
    ['Text/CSV', 'text/csv'],
    ['text/*', 'text/tab-separated-values'],
    ['text/plain', 'text/plain; charset=utf-8'],
    ['text/plain;charset=utf-8', 'text/plain'],
  ])('%s fits %s', (pattern, type) => {
    expect(matches(pattern, type)).toBe(true);
  });

  it.each([
    ['text/*', 'application/json'],
    ['image/*', 'imagery/png'],
    ['image/png', 'image/jpeg'],
    ['image/p*', 'image/png'],
    ['*/png', 'image/png'],
    ['*', 'image/png'],
    ['image', 'image/png'],
    ['image/', 'image/png'],
    ['/png', 'image/png'],
    ['', 'image/png'],
    ['image/*/png', 'image/png'],
    ['*/*', ''],
    ['*/*', 'image'],
  ])('%p does not fit %p', (pattern, type) => {
    expect(matches(pattern, type)).toBe(false);
  });
});
