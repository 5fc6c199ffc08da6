import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/config.load.js';
import { Destinations } from '../../src/outbound/destinations.js';
import { Resolver } from '../../src/outbound/resolver.js';

/** A network in which every name has these addresses, one list after the other; the last one stays. */
class Names extends Resolver {
  asked = 0;

  constructor(private readonly answers: readonly (readonly string[])[]) {
    super();
  }

  override addresses(): Promise<LookupAddress[]> {
    const answer = this.answers[Math.min(this.asked++, this.answers.length - 1)] ?? [];
    return Promise.resolve(answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
  }
}

const destinations = (names: Resolver = new Resolver(), allow = ''): Destinations =>
  new Destinations(loadConfig({ OUTBOUND_ALLOW: allow }), names);

const PUBLIC = '93.184.215.14';
const refusal = { code: 'address_not_allowed' };

/** Ways to write addresses of this machine, of a private network, or of the metadata service of a cloud. */
const SPELLINGS = [
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0177.0.0.1',
  '0',
  '0.0.0.0',
  'localhost',
  'LOCALHOST',
  '①②⑦.⓪.⓪.①',
  '127。0。0。1',
  '%31%32%37.0.0.1',
  '[::1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  '[::ffff:0:127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[2002:7f00:1::]',
  '[fd00::1]',
  '[fe80::1]',
  '10.0.0.1',
  '169.254.169.254',
];

describe('requests go nowhere', () => {
  it.each(SPELLINGS)('by the spelling %s', async (host) => {
    await expect(destinations().resolve(`http://${host}/`)).rejects.toMatchObject(refusal);
  });

  it.each([
    'ftp://files.example/',
    'file:///etc/passwd',
    'gopher://files.example/',
    'javascript:alert(1)',
    'not a URL',
    '//files.example/',
    'http://user@files.example/',
    'http://user:word@files.example/',
    'http://files.example/#part',
    'http://files.example:22/',
    'http://files.example:25/',
    'http://files.example:1023/',
  ])('by the URL %s', (url) => {
    expect(() => destinations(new Names([[PUBLIC]])).check(url)).toThrow(expect.objectContaining(refusal));
  });

  it('when one of several addresses is not public', async () => {
    for (const answer of [[PUBLIC, '127.0.0.1'], ['fd00::1', PUBLIC], ['169.254.169.254']]) {
      await expect(destinations(new Names([answer])).resolve('http://mixed.example/')).rejects.toMatchObject(refusal);
    }
  });

  it('when the name has no address', async () => {
    await expect(destinations(new Names([[]])).resolve('http://none.example/')).rejects.toMatchObject({
      code: 'remote_failed',
    });
  });

  it('without a word of the address that was found', async () => {
    const found = destinations(new Names([['10.1.2.3']])).resolve('http://secret.example/');

    await expect(found).rejects.toThrow(expect.not.objectContaining({ message: expect.stringContaining('10.1.2.3') }));
  });
});

describe('requests go', () => {
  it.each(['http://files.example/a?b=c', 'https://files.example:8443/', 'http://files.example:1024/'])(
    'to the public address of %s, for which is asked once',
    async (url) => {
      const names = new Names([[PUBLIC, '2606:2800:21f::1'], ['127.0.0.1']]);

      const { addresses } = await destinations(names).resolve(url);

      expect(addresses.map(({ address }) => address)).toEqual([PUBLIC, '2606:2800:21f::1']);
      expect(names.asked).toBe(1);
    },
  );

  it('to hosts that an operator has named, exactly, and not to others with the same address', async () => {
    const local = destinations(new Names([['10.0.0.7']]), 'files.lan, [::1], 10.0.0.5:8443, 127.0.0.1');

    for (const url of ['http://files.lan:22/', 'http://FILES.lan/', 'http://[::1]:99/', 'http://0x7f.1/'])
      await expect(local.resolve(url)).resolves.toHaveProperty('addresses');
    await expect(local.resolve('https://10.0.0.5:8443/')).resolves.toHaveProperty('addresses');
    for (const url of ['http://other.lan/', 'http://a.files.lan/', 'http://10.0.0.5/', 'http://10.0.0.7/'])
      await expect(local.resolve(url)).rejects.toMatchObject(refusal);
  });
});

describe('OUTBOUND_ALLOW', () => {
  it.each(['*', 'http://files.lan', 'files.lan/', '*.lan', '10.0.0.0/8', 'a b', 'files.lan:99999', ','])(
    'has no place for %j',
    (text) => {
      expect(() => loadConfig({ OUTBOUND_ALLOW: text })).toThrow('OUTBOUND_ALLOW must be hosts');
    },
  );
});
