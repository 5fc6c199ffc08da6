import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { SessionStore } from './sessions/session.store.js';
import { OneTimeLinkStore } from './users/one-time-link.store.js';

const HOUR_MS = 3_600_000;

/** Removes sessions and links that nobody can use any more, once an hour. */
@Injectable()
export class ExpiredRows implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(ExpiredRows.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly sessions: SessionStore,
    private readonly links: OneTimeLinkStore,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.remove().catch((error: unknown) => {
        this.logger.warn({ err: error, msg: 'Expired sessions could not be removed; tried again in an hour.' });
      });
    }, HOUR_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  async remove(): Promise<void> {
    await this.sessions.purge();
    await this.links.purge();
  }
}
