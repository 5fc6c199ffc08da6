import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Lock, Locker } from '@tus/server';
import { Config } from '../../config/config.js';
import { Problem } from '../../errors/problem.js';
import { Events } from '../../events/events.js';
import { UploadStore } from './upload.store.js';

/** Longer than a lease: whoever waits outlives a process that died with it. */
const PATIENCE_MS = 8_000;
const LEASE_MS = 5_000;
const RENEWAL_MS = 1_000;
const ASK_AGAIN_MS = 100;
/** Told when a request wants the upload whose id it says. */
const WANTED = 'upload-wanted';

interface Holder {
  readonly leaseOwner: string;
  /** Asks the request to end. */
  readonly release: () => void;
  readonly released: PromiseWithResolvers<void>;
  renewal?: NodeJS.Timeout;
}

/**
 * One request at a time reads or writes an upload. A newer one takes over: the older is often a connection of which only
 * the client knows that it is dead. Where several processes answer requests, there is a lease in the row, too.
 */
@Injectable()
export class UploadLocks implements Locker, OnModuleDestroy {
  private readonly held = new Map<string, Holder>();
  private readonly isShared: boolean;
  private readonly deafen: () => void;

  constructor(
    private readonly store: UploadStore,
    private readonly events: Events,
    config: Config,
  ) {
    this.isShared = config.REDIS_URL !== undefined;
    this.deafen = this.isShared ? events.subscribe(WANTED, (id) => this.held.get(id)?.release()) : () => {};
  }

  onModuleDestroy(): void {
    this.deafen();
  }

  newLock(id: string): Lock {
    return {
      lock: (_signal, release) => this.take(id, () => void release()),
      unlock: () => this.free(id),
    };
  }

  /** @throws Problem `upload_busy` */
  private async take(id: string, release: () => void): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    for (let other = this.held.get(id); other; other = this.held.get(id)) {
      other.release();
      await Promise.race([other.released.promise, sleep(deadline - performance.now(), undefined, { ref: false })]);
      if (performance.now() >= deadline) throw busy();
    }
    const holder: Holder = { leaseOwner: randomUUID(), release, released: Promise.withResolvers() };
    this.held.set(id, holder);
    if (!this.isShared) return;
    try {
      await this.lease(id, holder, deadline);
    } catch (error) {
      await this.free(id);
      throw error;
    }
  }

  private async free(id: string): Promise<void> {
    const holder = this.held.get(id);
    if (!holder) return;
    clearInterval(holder.renewal);
    try {
      if (this.isShared) await this.store.release(id, holder.leaseOwner).catch(() => {});
    } finally {
      this.held.delete(id);
      holder.released.resolve();
    }
  }

  private async lease(id: string, holder: Holder, deadline: number): Promise<void> {
    const keep = () => this.store.lease(id, holder.leaseOwner, LEASE_MS);
    while (!(await keep())) {
      if (performance.now() >= deadline) throw busy();
      await this.events.publish(WANTED, id).catch(() => {});
      await sleep(ASK_AGAIN_MS);
    }
    // Whoever loses the lease writes no more.
    holder.renewal = setInterval(
      () => void keep().then((kept) => kept || holder.release(), holder.release),
      RENEWAL_MS,
    );
  }
}

function busy(): Problem {
  return new Problem('upload_busy', 'Another request writes this upload. Try again in a moment.', {
    headers: { 'retry-after': '1' },
  });
}
