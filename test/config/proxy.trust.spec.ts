import { describe, expect, it } from '@jest/globals';
import { parseProxyTrust } from '../../src/config/proxy.trust.js';

describe('TRUST_PROXY', () => {
  it.each([
    ['1', 1],
    ['12', 12],
    ['10.0.0.1', ['10.0.0.1']],
    ['10.0.0.0/8, ::1', ['10.0.0.0/8', '::1']],
    ['fc00::/7,10.0.0.1/32', ['fc00::/7', '10.0.0.1/32']],
  ])('reads %j', (text, trust) => {
    expect(parseProxyTrust(text)).toEqual(trust);
  });

  it.each([
    '0',
    '-1',
    '1.5',
    '100',
    'true',
    'yes',
    'all',
    '*',
    '10.0.0.1,',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    'proxy.example',
    ' ',
  ])('refuses %j, so that nobody trusts everybody by mistake', (text) => {
    expect(parseProxyTrust(text)).toBeUndefined();
  });
});
