import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { FileScans } from './file.scans.js';
import { ScannerUnavailable } from './scanner.js';

const PAUSE_MS = 5_000;
const MOST_AT_ONCE = 100;

/** Has files scanned that came while the scanner was away. On its own, so that no other work waits for a scanner. */
@Injectable()
export class DeferredScans implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(DeferredScans.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly scans: FileScans,
    private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    if (this.scans.enabled && this.config.ROLE !== 'api') this.schedule();
  }

  /** A scan that runs is not waited for: a file that was not settled is scanned again. */
  onApplicationShutdown(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private schedule(): void {
    this.timer = setTimeout(() => void this.scanAndGoOn(), PAUSE_MS);
  }

  private async scanAndGoOn(): Promise<void> {
    try {
      await this.scans.examineWaiting(MOST_AT_ONCE);
    } catch (error) {
      const level = error instanceof ScannerUnavailable ? 'debug' : 'warn';
      this.logger[level]({ err: error, msg: 'Files that wait for the virus scanner still do.' });
    }
    if (this.timer) this.schedule();
  }
}
