import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { RedisOptions } from 'ioredis';
import { RedisConnections } from '../../src/queue/redis-connections.js';
import { until } from '../conditions.js';
import { scratchRedis } from '../servers/scratch.js';

describe('RedisConnections', () => {
  let connections: RedisConnections | undefined;

  afterEach(() => {
    connections?.close();
    jest.restoreAllMocks();
  });

  it.each<[string, RedisOptions]>([
    ['redis://127.0.0.1', { host: '127.0.0.1', port: 6379, db: 0 }],
    ['redis://cache.example:7000/3', { host: 'cache.example', port: 7000, db: 3 }],
    ['redis://:p%40ss%3A%2F@127.0.0.1/1', { password: 'p@ss:/', db: 1 }],
    ['redis://worker:secret@127.0.0.1', { username: 'worker', password: 'secret' }],
    ['rediss://worker:secret@cache.example:6380/2', { host: 'cache.example', port: 6380, db: 2, tls: true as never }],
    ['redis://[::1]:6381', { host: '::1', port: 6381 }],
  ])('reads %s', (url, expected) => {
    connections = new RedisConnections(url);
    connections.close();

    const { options } = connections.open('command');

    expect(options).toMatchObject(expected);
  });

  it('uses the database of the URL', async () => {
    await using scratch = await scratchRedis();
    connections = new RedisConnections(scratch.url);
    const redis = connections.open('command');

    const info = await redis.client('INFO');

    expect(info).toContain(` db=${new URL(scratch.url).pathname.slice(1)} `);
  });

  it('rejects everything after close, and connects no more', async () => {
    await using scratch = await scratchRedis();
    connections = new RedisConnections(scratch.url);
    const before = connections.open('command');
    await before.ping();

    connections.close();

    await until(() => before.status === 'end', { describe: 'it has ended' });
    await expect(before.ping()).rejects.toThrow('Connection is closed.');
    await expect(connections.open('command').ping()).rejects.toThrow('Connection is closed.');
    await expect(connections.open('wait').ping()).rejects.toThrow('Connection is closed.');
    await expect(before.connect()).rejects.toThrow('Connection is closed.');
  });

  it('tells the log once of a password that Redis refuses, however often it tries', async () => {
    await using scratch = await scratchRedis();
    const error = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
    jest.spyOn(Logger.prototype, 'log').mockImplementation(() => {});
    const url = new URL(scratch.url);
    url.password = 'wrong';
    url.username = 'nobody';
    connections = new RedisConnections(url.href);
    const both = [connections.open('command'), connections.open('wait')];
    let refusals = 0;
    for (const redis of both) redis.on('error', () => refusals++);

    await until(() => refusals >= 8, { describe: 'it was refused often', timeoutMs: 10_000 });

    expect(error).toHaveBeenCalledTimes(1);
  });
});
