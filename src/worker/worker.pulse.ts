import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../config/config.js';
import { WorkerStore } from '../tasks/estimates/worker.store.js';
import { LeaseKeeper } from './lease.keeper.js';

const BEAT_MS = 5_000;

/** Says that this worker is there and how much it can do, for those who ask how long they must wait. */
@Injectable()
export class WorkerPulse implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private beating: Promise<void> = Promise.resolve();

  constructor(
    private readonly config: Config,
    private readonly leases: LeaseKeeper,
    private readonly workers: WorkerStore,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.beat();
    this.timer = setInterval(() => {
      this.beating = this.beat();
    }, BEAT_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.beating;
    await this.workers.remove(this.leases.worker).catch(() => {});
  }

  /** Whoever renews the leases tells of a database that does not answer. */
  private async beat(): Promise<void> {
    await this.workers.beat(this.leases.worker, this.config.WORKER_CONCURRENCY).catch(() => {});
  }
}
