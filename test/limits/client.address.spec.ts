import { afterEach, describe, expect, it } from '@jest/globals';
import { clientAddress } from '../../src/limits/client.address.js';
import { SmallApp } from '../http/small.app.js';

describe('the address by which a client is counted', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::1', '0:0:0:0::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['nonsense', 'nonsense'],
  ])('is of %s: %s', (ip, address) => {
    expect(clientAddress({ ip })).toBe(address);
  });
});

describe('X-Forwarded-For', () => {
  let small: SmallApp;
  afterEach(() => small[Symbol.asyncDispose]());

  async function seen(trust: string | undefined, forwarded: string): Promise<string> {
    small = await SmallApp.open({ TRUST_PROXY: trust });
    small.answer = async (request) => ({ address: clientAddress(request) });
    const answer = await small.nest.inject({
      url: '/any',
      remoteAddress: '10.0.0.1',
      headers: { 'x-forwarded-for': forwarded },
    });
    return answer.json().address;
  }

  it.each([
    ['is not believed unless somebody says so', undefined, '203.0.113.9', '10.0.0.1'],
    ['counts when one proxy stands before', '1', '203.0.113.9', '203.0.113.9'],
    ['counts only what the proxy itself has added', '1', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['counts what the outer of two proxies has added', '2', '198.51.100.1, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
    ['counts when it comes from the proxy', '10.0.0.0/8', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['is not believed when it comes from elsewhere', '192.168.0.0/16, 10.0.0.2', '203.0.113.9', '10.0.0.1'],
  ])('%s', async (_, trust, forwarded, address) => {
    expect(await seen(trust, forwarded)).toBe(address);
  });
});
