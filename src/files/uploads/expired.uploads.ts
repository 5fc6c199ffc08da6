import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { UploadStore } from './upload.store.js';

const HOUR_MS = 3_600_000;
/** So long it is remembered that an upload was, for whoever comes back to it. Its bytes go when it expires. */
const REMEMBERED_MS = 7 * 24 * HOUR_MS;

/** Forgets uploads that ended long ago, once an hour. */
@Injectable()
export class ExpiredUploads implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(ExpiredUploads.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly store: UploadStore) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.store.purge(new Date(Date.now() - REMEMBERED_MS)).catch((error: unknown) => {
        this.logger.warn({ err: error, msg: 'Ended uploads could not be forgotten; tried again in an hour.' });
      });
    }, HOUR_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }
}
