import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Job, Queue as Bull } from 'bull';
import { type Handler, type PushOptions, Queue, type QueueCounts } from './queue.js';
import type { RedisConnections } from './redis-connections.js';
import { RedisSettings } from './redis-settings.js';
import { isReadableRing, ringPayload, type RingPayload } from './ring-payload.js';

/** Bull's priorities go from 1, which is first, to this; what has none comes last of all. */
const LAST_PRIORITY = 2 ** 21;
const USUAL_PRIORITY = 2 ** 20;

/** Long enough for Bull to clear its timers when Redis answers, and when it does not they are not worth waiting for. */
const CLEAR_MS = 1_000;

/** A Redis that is full refuses everything several times a second. */
const TELL_AGAIN_MS = 60_000;

/** What the types of Bull 4.16 leave out. */
interface BullInternals {
  /** Makes a Job of what a script has returned, and null of nothing. */
  nextJobFromJobData(data: Record<string, string> | undefined, id: string): unknown;
  /** Put there by @nestjs/bull: waits for running jobs for ever. */
  onApplicationShutdown?: unknown;
}

export type BullOfRings = Bull<RingPayload> & BullInternals;

/** Rings across processes, by Bull on Redis. Whoever only pushes has one connection, whoever consumes has three. */
export class BullQueue extends Queue {
  private readonly logger = new Logger(BullQueue.name);
  private readonly running = new Set<Promise<void>>();
  private readonly settings: RedisSettings;
  private isConsumed = false;
  /** What was logged last, and until when it is not repeated. */
  private told = '';
  private tellAfter = 0;
  private closing: Promise<void> | undefined;

  /** @param bull Made with `bullOptions(connections)`, and nobody else's. */
  constructor(
    private readonly bull: BullOfRings,
    private readonly connections: RedisConnections,
  ) {
    super();
    bull.onApplicationShutdown = undefined;
    bull.on('error', this.report);
    this.settings = new RedisSettings(bull.client);
    this.passOverWhatCannotBeRead();
    this.nameWorkerWithoutRisk();
  }

  override async push(id: string, { delayMs = 0, priority = 0 }: PushOptions = {}): Promise<void> {
    await this.bull.add(ringPayload(id), { jobId: id, delay: delayMs, priority: bullPriority(priority) });
  }

  override async cancel(id: string): Promise<void> {
    const job = await this.bull.getJob(id);
    await job?.remove().catch((error: Error) => {
      // So Bull says that it rings just now.
      if (!error.message.startsWith('Could not remove job')) throw error;
    });
  }

  override async consume(concurrency: number, handler: Handler): Promise<void> {
    if (this.isConsumed) throw new Error('The queue has a consumer already.');
    this.isConsumed = true;
    // The promise is kept only when the queue closes. With a Redis that is down Bull waits until it comes up.
    void this.bull.process('*', concurrency, (job) => this.answer(job, handler)).catch(this.report);
  }

  override async counts(): Promise<QueueCounts> {
    const { waiting, delayed, active } = await this.bull.getJobCounts();
    return { waiting, delayed, active };
  }

  override warnings(): readonly string[] {
    return this.settings.warnings;
  }

  override close(graceMs: number): Promise<void> {
    this.closing ??= this.end(graceMs);
    return this.closing;
  }

  private answer({ data }: Job<RingPayload>, handler: Handler): Promise<void> {
    const run = this.handle(data.id, handler).finally(() => this.running.delete(run));
    this.running.add(run);
    return run;
  }

  private async handle(id: string, handler: Handler): Promise<void> {
    try {
      await handler(id);
    } catch (error) {
      this.logger.error({ msg: 'A ring could not be answered.', id, err: error });
    }
  }

  /** Bull's own `close` waits for running jobs without limit, and can end in an unhandled rejection. */
  private async end(graceMs: number): Promise<void> {
    const paused = this.bull.pause(true, true).catch(() => {});
    // Otherwise Bull asks the blocked connection to end, which takes it half a second to give up.
    this.connections.stopWaiting();
    await within(CLEAR_MS, paused);

    await within(graceMs, Promise.all(this.running));
    await this.lastWords();
    await within(CLEAR_MS, this.bull.close(true));
    this.connections.close();
  }

  /** Bull takes what was answered out of Redis. It does so over the one connection for commands, where order holds. */
  private async lastWords(): Promise<void> {
    const { client } = this.bull;
    await setImmediate();
    if (client.status === 'ready') await client.ping().catch(() => {});
  }

  /**
   * A job that Bull cannot parse stops the slot that met it, and comes back to stop the next one, for ever. So does one
   * that was cancelled between two commands of Bull. Both are taken out.
   */
  private passOverWhatCannotBeRead(): void {
    const { bull } = this;
    const next = bull.nextJobFromJobData.bind(bull);
    bull.nextJobFromJobData = async (data, id) => {
      if (data === undefined || isReadableRing(data)) return next(data, id);
      this.logger.warn({ msg: 'A ring that cannot be read was taken out of the queue.', id });
      const key = bull.toKey(id);
      await bull.client.multi().lrem(bull.toKey('active'), 0, id).del(key, `${key}:lock`).exec();
      return null;
    };
  }

  /** Bull lets the promise of this one float, and it rejects when the queue is closed at once. */
  private nameWorkerWithoutRisk(): void {
    const { bull } = this;
    const name = bull.setWorkerName.bind(bull);
    bull.setWorkerName = () => name().catch(this.report);
  }

  private readonly report = (error: unknown): void => {
    if (this.closing || this.connections.explains(error)) return;
    // Only its words: with the error comes the script that Bull had sent, which is some pages long.
    const reason = error instanceof Error ? error.message : String(error);
    if (reason === this.told && performance.now() < this.tellAfter) return;
    [this.told, this.tellAfter] = [reason, performance.now() + TELL_AGAIN_MS];
    this.logger.warn({ msg: 'Bull has met an error.', reason });
  };
}

/** Ours: a higher one rings earlier, 0 is usual. */
function bullPriority(priority: number): number {
  return Math.min(Math.max(USUAL_PRIORITY - priority, 1), LAST_PRIORITY);
}

async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  const done = new AbortController();
  const limit = sleep(limitMs, undefined, { signal: done.signal }).catch(() => {});
  await Promise.race([work, limit]);
  done.abort();
}
