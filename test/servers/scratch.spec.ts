import { describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { queryPostgresql } from './postgresql.client.js';
import { startRedis } from './redis.server.js';
import { scratchDatabase, scratchRedis } from './scratch.js';

describe('scratchDatabase', () => {
  it('gives each test a database of its own', async () => {
    await using first = await scratchDatabase();
    await using second = await scratchDatabase();

    await queryPostgresql(first.url, 'CREATE TABLE mine (id int)');

    await expect(queryPostgresql(first.url, 'SELECT * FROM mine')).resolves.toEqual([]);
    await expect(queryPostgresql(second.url, 'SELECT * FROM mine')).rejects.toThrow('"mine" does not exist');
  });

  it('drops the database also while somebody is connected', async () => {
    const scratch = await scratchDatabase();
    const sleeper = queryPostgresql(scratch.url, 'SELECT pg_sleep(60)').catch(({ message }: Error) => message);

    await scratch.drop();

    await expect(queryPostgresql(scratch.url, 'SELECT 1')).rejects.toThrow('does not exist');
    await expect(sleeper).resolves.toBeDefined();
  });
});

const connect = (url: string) => {
  const redis = new Redis(url);
  return { redis, [Symbol.dispose]: () => redis.disconnect() };
};

describe('scratchRedis', () => {
  it('gives each test a logical database of its own, and empties it in the end', async () => {
    await using first = await scratchRedis();
    const second = await scratchRedis();
    using one = connect(first.url);
    using two = connect(second.url);

    await one.redis.set('mine', 'yes');
    await two.redis.set('yours', 'yes');
    await second.drop();

    expect(first.url).not.toBe(second.url);
    await expect(one.redis.keys('*')).resolves.toEqual(['mine']);
    await expect(two.redis.keys('*')).resolves.toEqual([]);
  });

  it('does not take a database in which somebody else has data', async () => {
    await using server = await startRedis();
    using stranger = connect(`${server.url}/1`);
    await stranger.redis.set('precious', 'yes');

    await using scratch = await scratchRedis(server.url);

    expect(scratch.url).toBe(`${server.url}/2`);
    await expect(stranger.redis.keys('*')).resolves.toEqual(['precious']);
  });
});
