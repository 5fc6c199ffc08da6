import { describe, expect, it } from '@jest/globals';
import { parseOrigins } from '../../src/config/origins.js';

describe('CORS_ORIGINS', () => {
  it('is a list of origins', () => {
    expect(parseOrigins('https://app.example, http://localhost:5173')).toEqual([
      'https://app.example',
      'http://localhost:5173',
    ]);
  });

  it.each([
    '*',
    'null',
    'app.example',
    'https://app.example/',
    'https://app.example:443',
    'https://*.example',
    'file://',
    '',
  ])('has no place for %j', (text) => {
    expect(parseOrigins(text)).toBeUndefined();
  });
});
