import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/config.load.js';
import { Destinations } from '../../src/outbound/destinations.js';
import { Outbound } from '../../src/outbound/outbound.js';
import { Resolver } from '../../src/outbound/resolver.js';
import { isPackageName, PackageRegistry } from '../../src/plugins/packages/package.registry.js';
import { PackageFolders } from './package.folders.js';

const BYTES = Buffer.from('the bytes of a package');

describe('a registry of packages', () => {
  let directory: PackageFolders;
  let server: Server;
  let url: string;
  let integrity: string | undefined;
  let asked: string[];

  beforeEach(async () => {
    directory = await PackageFolders.make();
    asked = [];
    integrity = `sha1-abc sha512-${hash('sha512', BYTES, 'base64')}`;
    server = createServer((request, answer) => {
      asked.push(request.url ?? '');
      if (request.url?.endsWith('.tgz')) return answer.end(BYTES);
      if (request.url !== '/@acme%2fhello') return answer.writeHead(404).end();
      const dist = { tarball: `${url}hello.tgz`, integrity };
      return answer.end(JSON.stringify({ 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': { dist } } }));
    });
    const listening = Promise.withResolvers<void>();
    server.listen(0, '127.0.0.1', listening.resolve);
    await listening.promise;
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await directory[Symbol.asyncDispose]();
  });

  const fetchAs = (what: string, env = { OUTBOUND_ALLOW: '127.0.0.1' }) =>
    new PackageRegistry(new Outbound(new Destinations(loadConfig(env), new Resolver())), url).fetch(
      what,
      directory.path,
    );

  it.each(['@acme/hello', '@acme/hello@1.0.0', '@acme/hello@latest'])('gives %s, with its hash', async (what) => {
    const { path, source } = await fetchAs(what);

    expect(await readFile(path)).toEqual(BYTES);
    expect(source).toBe(`npm @acme/hello@1.0.0 sha512-${hash('sha512', BYTES, 'base64')}`);
    expect(asked).toEqual(['/@acme%2fhello', '/hello.tgz']);
  });

  it.each([
    ['other bytes than it says', `sha512-${hash('sha512', 'others', 'base64')}`, 'is not what the registry says'],
    ['only a weak hash', 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=', 'gives no SHA-512'],
    ['no hash', undefined, 'gives no SHA-512'],
  ])('is not believed when it gives %s', async (_, said, reason) => {
    integrity = said;

    await expect(fetchAs('@acme/hello')).rejects.toThrow(reason);
  });

  it('is told of when it has no such package, or no such version', async () => {
    await expect(fetchAs('other')).rejects.toThrow('The registry answered 404.');
    await expect(fetchAs('@acme/hello@2.0.0')).rejects.toThrow('has no @acme/hello@2.0.0');
  });

  it('must be one that the server may go to', async () => {
    await expect(fetchAs('@acme/hello', { OUTBOUND_ALLOW: 'elsewhere' })).rejects.toMatchObject({
      code: 'address_not_allowed',
    });
    expect(asked).toEqual([]);
  });

  it('knows names by their form', () => {
    expect(['hello', '@acme/hello@1.0.0'].every(isPackageName)).toBe(true);
    expect(['./hello', 'hello.tgz/..', '@acme', 'a b', '-x', 'git+ssh://x'].some(isPackageName)).toBe(false);
  });
});
