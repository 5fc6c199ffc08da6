import { describe, expect, it } from '@jest/globals';
import { type Machine, obtainBinary } from './obtain-binary.js';

const REDIS = { name: 'redis-server', server: 'Redis', package: 'redis-server', variable: 'TEST_REDIS_URL' };
const SENTENCE =
  'The tests need Redis, but redis-server is not on this machine: run `sudo apt-get install redis-server` or set TEST_REDIS_URL.';

/** A machine on which installing a package makes the binary appear, unless it is told not to. */
function machine(faults: Partial<Machine> = {}): Machine & { readonly installed: string[] } {
  const installed: string[] = [];
  return {
    installed,
    find: (name) => (installed.includes(name) ? `/usr/bin/${name}` : undefined),
    canInstall: () => true,
    install: async (name) => void installed.push(name),
    ...faults,
  };
}

describe('obtainBinary', () => {
  it('takes what is there and installs nothing', async () => {
    const equipped = machine({ find: (name) => `/opt/bin/${name}` });

    await expect(obtainBinary(REDIS, equipped)).resolves.toBe('/opt/bin/redis-server');
    expect(equipped.installed).toEqual([]);
  });

  it('installs what is missing, once, and finds it then', async () => {
    const bare = machine();

    await expect(obtainBinary(REDIS, bare)).resolves.toBe('/usr/bin/redis-server');
    expect(bare.installed).toEqual(['redis-server']);
  });

  it.each([
    ['nothing can be installed', machine({ canInstall: () => false })],
    ['the installation fails', machine({ install: () => Promise.reject(new Error('Temporary failure resolving')) })],
    ['the package does not bring the binary', machine({ find: () => undefined })],
  ])('says in one sentence what is missing and what to do when %s', async (_case, unable) => {
    await expect(obtainBinary(REDIS, unable)).rejects.toThrow(SENTENCE);
  });

  it('keeps the reason of a failed installation', async () => {
    const cause = new Error('Temporary failure resolving');

    const obtaining = obtainBinary(REDIS, machine({ install: () => Promise.reject(cause) }));

    await expect(obtaining).rejects.toMatchObject({ cause });
  });
});
