import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../conditions.js';
import { isAlive } from './process-table.js';
import { queryPostgresql } from './postgresql.client.js';
import { startPostgresql } from './postgresql.server.js';
import type { ServerProcess } from './server-process.js';

describe('the shared PostgreSQL', () => {
  it('answers SELECT 1', async () => {
    const rows = await queryPostgresql(String(process.env['TEST_DATABASE_URL']), 'SELECT 1 AS one');

    expect(rows).toEqual([{ one: 1 }]);
  });
});

describe('a PostgreSQL of its own', () => {
  let server: ServerProcess;

  beforeAll(async () => {
    server = await startPostgresql();
  });

  afterAll(() => server[Symbol.asyncDispose]());

  it('refuses who does not know the password', async () => {
    const stranger = queryPostgresql(server.url.replace(/:[^:@]+@/, ':wrong@'), 'SELECT 1');

    await expect(stranger).rejects.toThrow('password authentication failed');
  });

  it('keeps what was committed when all of it is killed and started again', async () => {
    await queryPostgresql(server.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const family = server.descendants();

    await server.kill();
    const left = family.filter(isAlive);
    await server.start();

    expect(family.length).toBeGreaterThan(0);
    expect(left).toEqual([]);
    await expect(queryPostgresql(server.url, 'SELECT answer FROM kept')).resolves.toEqual([{ answer: 42 }]);
  });

  it('ends in good order when it is stopped, without waiting for clients', async () => {
    const sleeper = queryPostgresql(server.url, 'SELECT pg_sleep(60)').catch(({ message }: Error) => message);
    const sleeping = "SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    await until(async () => (await queryPostgresql(server.url, sleeping)).length, { describe: 'somebody sleeps' });

    const exit = await server.stop();
    await server.start();

    expect(exit).toEqual({ code: 0, signal: null });
    await expect(sleeper).resolves.toMatch(/terminat/);
  });
});
