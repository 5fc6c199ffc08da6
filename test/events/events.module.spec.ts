import { describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { loadConfig } from '../../src/config/config.load.js';
import { EventLog } from '../../src/events/event.log.js';
import { Events } from '../../src/events/events.js';
import { EventsModule } from '../../src/events/events.module.js';
import { LocalEventLog } from '../../src/events/local.event.log.js';
import { LocalEvents } from '../../src/events/local.events.js';
import { RedisEventLog } from '../../src/events/redis.event.log.js';
import { RedisEvents } from '../../src/events/redis.events.js';
import { scratchRedis } from '../servers/scratch.js';

@Module({})
class Application {}

describe('EventsModule', () => {
  it.each([
    ['inside the process unless there is a Redis', false, LocalEvents, LocalEventLog],
    ['by way of Redis when there is one', true, RedisEvents, RedisEventLog],
  ])('gives events %s, and closes them with the application', async (_, hasRedis, adapter, log) => {
    await using redis = await scratchRedis();
    const config = loadConfig(hasRedis ? { REDIS_URL: redis.url } : {});
    const module = { module: Application, imports: [EventsModule.forRoot(config)] };
    const application = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
    const events = application.get(Events);

    await events.publish('news', 'one');
    await application.close();

    expect(application.get(EventLog)).toBeInstanceOf(log);
    expect(events).toBeInstanceOf(adapter);
    await expect(events.publish('news', 'two')).rejects.toThrow(/closed/);
  });
});
