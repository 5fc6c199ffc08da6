import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COMBINATIONS } from './combinations.js';
import { until } from './conditions.js';
import { type Platform, startPlatform } from './platform.js';
import { isAlive } from './servers/process-table.js';
import { queryPostgresql } from './servers/postgresql.client.js';

const main = join(import.meta.dirname, 'fixtures', 'stand-in.server.ts');

const environmentOf = async (url: string): Promise<Record<string, string>> => {
  const { headers } = await fetch(`${url}/environment`);
  return JSON.parse(headers.get('x-environment') ?? '');
};

describe('a platform', () => {
  let platform: Platform;

  beforeAll(async () => {
    platform = await startPlatform({ main, env: { LOG_LEVEL: 'debug' } });
  });

  afterAll(() => platform[Symbol.asyncDispose]());

  it('runs in a clean environment with a directory and a port of its own', async () => {
    const environment = await environmentOf(platform.url);

    expect(environment).toMatchObject({
      HOST: '127.0.0.1',
      ROLE: 'all',
      LOG_LEVEL: 'debug',
      DATA_DIR: platform.dataDir,
    });
    expect(platform.url).toBe(`http://127.0.0.1:${environment['PORT']}`);
    expect(Object.keys(environment)).not.toEqual(expect.arrayContaining(['TEST_REDIS_URL']));
    expect(Object.keys(environment)).not.toEqual(expect.arrayContaining(['NODE_ENV']));
    expect(existsSync(platform.dataDir)).toBe(true);
  });

  it('takes bytes and JSON', async () => {
    const bytes = await platform.post('/echo', { body: Buffer.from('bytes') });
    const json = await platform.postJson('/echo', { answer: 42 });

    await expect(bytes.text()).resolves.toBe('bytes');
    await expect(json.json()).resolves.toEqual({ answer: 42 });
  });

  it('can be killed and started again under the same URL', async () => {
    const { url, pid } = platform;

    const { signal } = await platform.process('all').kill();
    const whileDead = await platform.get('/ready').catch(() => 'refused');
    await platform.process('all').start();

    expect(signal).toBe('SIGKILL');
    expect(whileDead).toBe('refused');
    expect(platform.url).toBe(url);
    expect(platform.pid).not.toBe(pid);
    expect(platform.logs()).toContain(`Listening as ${pid}.\nListening as ${platform.pid}.`);
  });
});

describe('the end of a platform', () => {
  it('is told by its exit code', async () => {
    await using platform = await startPlatform({ main });

    await expect(platform.stop()).resolves.toBe(0);
  });

  it('is waited for in vain when SIGTERM is ignored', async () => {
    await using platform = await startPlatform({ main, env: { FAULT: 'ignores-sigterm' } });

    await expect(platform.process('all').stop(100)).rejects.toThrow('until Toolyard (all) has ended');

    await platform.kill();
  });

  it('leaves no process and no directory', async () => {
    const platform = await startPlatform({ main });
    const { pid, dataDir } = platform;

    await platform[Symbol.asyncDispose]();

    expect(isAlive(pid)).toBe(false);
    expect(existsSync(dataDir)).toBe(false);
  });
});

describe('a platform that does not become ready', () => {
  it('says what its log says when it ends at once', async () => {
    const starting = startPlatform({ main, env: { FAULT: 'ends' } });

    await expect(starting).rejects.toThrow(/ended at its start with code 3.*\n.*The configuration is wrong\./);
  });

  it('says so when the time is over', async () => {
    const starting = startPlatform({ main, env: { FAULT: 'never-ready' }, readyMs: 500 });

    await expect(starting).rejects.toThrow(/until Toolyard \(all\) answers.*\nListening/);
  });
});

describe('a platform in several processes', () => {
  it('shares its directory and lets each process be killed alone', async () => {
    await using platform = await startPlatform({ main, roles: ['api', 'worker'] });
    const [api, worker] = [platform.process('api'), platform.process('worker')];

    const environments = await Promise.all([api.url, worker.url].map(environmentOf));
    await worker.kill();

    expect(environments.map(({ ROLE }) => ROLE)).toEqual(['api', 'worker']);
    expect(environments.map(({ DATA_DIR }) => DATA_DIR)).toEqual([platform.dataDir, platform.dataDir]);
    expect([api.running, worker.running]).toEqual([true, false]);
    expect(platform.url).toBe(api.url);
  });

  it('can be joined by another worker later', async () => {
    await using platform = await startPlatform({ main, roles: ['api'] });

    const worker = await platform.start('worker');

    expect(worker.url).not.toBe(platform.url);
    expect(platform.processes.map(({ role }) => role)).toEqual(['api', 'worker']);
    await until(() => worker.logs().includes('Listening'), { describe: 'the worker has said something' });
  });
});

describe('the combinations', () => {
  it('are all four', () => {
    const pairs = COMBINATIONS.map(({ database, queue }) => `${database} ${queue}`);

    expect(new Set(pairs)).toEqual(
      new Set(['sqlite embedded', 'sqlite bull', 'postgresql embedded', 'postgresql bull']),
    );
  });

  it.each(COMBINATIONS)('prepare $name', async ({ database, queue, prepare }) => {
    const { env, [Symbol.asyncDispose]: cleanUp } = await prepare();
    const { DATABASE_URL = '', REDIS_URL = '' } = env;

    expect(DATABASE_URL).toMatch(database === 'postgresql' ? /^postgresql:.*\/scratch_/ : /^$/);
    expect(REDIS_URL).toMatch(queue === 'bull' ? /^redis:.*\/\d+$/ : /^$/);

    await cleanUp();
    const gone = DATABASE_URL ? await queryPostgresql(DATABASE_URL, 'SELECT 1').catch(String) : 'does not exist';
    expect(gone).toContain('does not exist');
  });
});
