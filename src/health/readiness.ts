import { Injectable, Logger, type OnModuleDestroy, ServiceUnavailableException } from '@nestjs/common';
import { HealthCheckService, type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { z } from 'zod';
import { Database } from '../database/database.js';
import { Queue } from '../queue/queue.js';
import { Storage } from '../storage/storage.js';
import { ToolReadiness } from './tool.readiness.js';

/** A part that does not answer in this time is down. */
const PATIENCE_MS = 1_500;

const detailsSchema = z.record(z.string(), z.looseObject({ status: z.enum(['up', 'down']) }));

export interface Answer {
  readonly ready: boolean;
  /** By part: up or down, and a word about it. No address, no path, no message of a driver. */
  readonly parts: HealthIndicatorResult;
}

/** Asks every part that the work needs. */
@Injectable()
export class Readiness implements OnModuleDestroy {
  private readonly logger = new Logger(Readiness.name);
  private stopping = false;

  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly database: Database,
    private readonly queue: Queue,
    private readonly storage: Storage,
    private readonly tools: ToolReadiness,
  ) {}

  /** Before anything else stops. */
  onModuleDestroy(): void {
    this.stopping = true;
  }

  async ask(): Promise<Answer> {
    const parts = [
      () => this.up('process', async () => this.refuseWhenStopping()),
      () => this.up('database', () => this.database.ping()),
      () => this.up('queue', () => this.queue.counts(), this.queue.warnings()),
      () => this.up('storage', () => this.storage.check()),
      () => this.tools.plugins(),
      () => this.tools.layers(),
    ];
    try {
      const { status, details } = await this.health.check(parts);
      return { ready: status === 'ok', parts: details };
    } catch (error) {
      return { ready: false, parts: detailsOf(error) };
    }
  }

  /** @param warnings what should be mended although the part does its work */
  private async up(name: string, ask: () => Promise<unknown>, warnings: readonly string[] = []) {
    const indicator = this.indicators.check(name);
    try {
      await inTime(ask());
      return warnings.length > 0 ? indicator.up({ warnings }) : indicator.up();
    } catch (error) {
      this.logger.warn({ part: name, err: error, msg: 'A part is not ready.' });
      return indicator.down();
    }
  }

  private refuseWhenStopping(): void {
    if (this.stopping) throw new Error('The process is stopping.');
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`No answer in ${PATIENCE_MS} ms.`)), PATIENCE_MS);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Terminus throws its findings when a part is down. */
function detailsOf(error: unknown): HealthIndicatorResult {
  if (error instanceof ServiceUnavailableException) {
    const { details } = z.object({ details: detailsSchema }).parse(error.getResponse());
    return details;
  }
  throw error;
}
