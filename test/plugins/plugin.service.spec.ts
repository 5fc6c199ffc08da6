import { afterEach, describe, expect, it } from '@jest/globals';
import { refusedService } from '../../src/plugins/plugin.service.js';

const VARIABLE = 'TEST_SERVICE_SECRET';

const refused = (url: string, net: readonly string[], env: readonly string[] = [], secret?: string) =>
  refusedService({ url, secret }, { net, env, exec: [], addons: false });

describe('the service of a tool', () => {
  afterEach(() => {
    delete process.env[VARIABLE];
  });

  it.each([
    ['http://words.lan', ['words.lan']],
    ['http://words.lan:8080/v1', ['words.lan']],
    ['http://words.lan:8080', ['other.lan', 'words.lan:8080']],
    ['https://Words.LAN', ['words.lan:443']],
    ['http://[::1]:9', ['[::1]']],
  ])('may be %s where the manifest names %j', (url, net) => {
    expect(refused(url, net)).toBeUndefined();
  });

  it.each([
    ['http://words.lan', []],
    ['http://words.lan:8080', ['words.lan:80']],
    ['http://words.lan.evil.example', ['words.lan']],
    ['http://127.0.0.1', ['localhost']],
    ['http://words.lan', ['*']],
    ['http://words.lan', ['http://words.lan']],
  ])('may not be %s where it names %j', (url, net) => {
    expect(refused(url, net)).toMatch(/^Its service is at .*, which its manifest does not name under net\.$/);
  });

  it('is shown only a variable that the manifest names, and that is set', () => {
    const ask = (env: readonly string[]) => refused('http://a', ['a'], env, VARIABLE);

    expect(ask([])).toBe(`It needs ${VARIABLE}, which its manifest does not name under env.`);
    expect(ask([VARIABLE])).toBe(`It needs the variable ${VARIABLE}, which is not set.`);
    process.env[VARIABLE] = 'x';
    expect(ask([VARIABLE])).toBeUndefined();
  });

  it('is never shown a setting of the platform itself', () => {
    process.env['JWT_SECRET'] ??= 'x';

    expect(refused('http://a', ['a'], ['JWT_SECRET'], 'JWT_SECRET')).toBe(
      'It needs the variable JWT_SECRET, which is not set.',
    );
  });
});
