import {
  type DynamicModule,
  Global,
  Inject,
  Module,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import type { Config } from '../config/config.js';
import { EventLog } from './event.log.js';
import { Events } from './events.js';
import { LocalEventLog } from './local.event.log.js';
import { LocalEvents } from './local.events.js';

interface Adapters {
  readonly events: () => Events;
  readonly log: () => EventLog;
}

/** Whether this process hears what is appended to the log: those that answer no requests only append. */
const FOLLOWS = Symbol('FOLLOWS');

/** Gives Events and the EventLog to everybody: by way of Redis where one is configured, else inside this process. */
@Global()
@Module({})
export class EventsModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly events: Events,
    private readonly log: EventLog,
    @Inject(FOLLOWS) private readonly follows: boolean,
  ) {}

  static async forRoot({ REDIS_URL, ROLE }: Config): Promise<DynamicModule> {
    const { events, log } = REDIS_URL === undefined ? LOCAL : await onRedis(REDIS_URL);
    return {
      module: EventsModule,
      providers: [
        { provide: Events, useFactory: events },
        { provide: EventLog, useFactory: log },
        { provide: FOLLOWS, useValue: ROLE !== 'worker' },
      ],
      exports: [Events, EventLog],
    };
  }

  async onModuleInit(): Promise<void> {
    if (this.follows) await this.log.open();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.events.close(), this.log.close()]);
  }
}

const LOCAL: Adapters = { events: () => new LocalEvents(), log: () => new LocalEventLog() };

/** Loaded only where it is needed, as the queue on Redis is. */
async function onRedis(url: string): Promise<Adapters> {
  const [{ RedisEvents }, { RedisEventLog }, { RedisConnections }] = await Promise.all([
    import('./redis.events.js'),
    import('./redis.event.log.js'),
    import('../queue/redis-connections.js'),
  ]);
  return {
    events: () => new RedisEvents(new RedisConnections(url)),
    log: () => new RedisEventLog(new RedisConnections(url)),
  };
}
