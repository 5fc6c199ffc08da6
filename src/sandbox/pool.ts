import { rm } from 'node:fs/promises';
import { Logger } from '@nestjs/common';
import type { Launcher } from './launcher.js';
import type { ChildLimits } from './limits.js';
import type { PluginCode } from './plugin.code.js';
import { REST_MS } from './rest.js';
import { Slot } from './slot.js';
import type { WorkDirectory } from './work.directory.js';

export interface PoolLimits {
  /** Children that wait for work. The one that has waited longest makes room. */
  readonly maxIdle: number;
  /** Runs after which a child is replaced, because tools leak. */
  readonly maxRuns: number;
  /** Milliseconds that a child lives at least, so that the start of children is never what a worker is busy with. */
  readonly minAgeMs: number;
  /** Milliseconds after which a child that waits for work is ended. */
  readonly idleMs: number;
}

/** What children need to start. */
export interface Ground {
  readonly work: WorkDirectory;
  readonly launcher: Launcher;
}

const SWEEPS_PER_IDLE_TIME = 6;

interface Place {
  readonly slot: Slot;
  /** What the child was started for. */
  readonly key: string;
  readonly since: number;
  idleSince: number;
  rest?: NodeJS.Timeout;
  /** Whether something may still go on there: then it gets no work before it was examined. */
  doubtful: boolean;
}

/** Children that wait for work. A child serves one plugin only, and one run at a time. */
export class Pool {
  private readonly logger = new Logger(Pool.name);
  private readonly places = new Map<Slot, Place>();
  /** The one that has waited longest comes first. */
  private idle: Place[] = [];
  private readonly endings = new Set<Promise<void>>();
  private readonly sweep: NodeJS.Timeout;
  private closed = false;

  constructor(
    private readonly ground: () => Promise<Ground>,
    private readonly limits: PoolLimits,
  ) {
    this.sweep = setInterval(() => this.endTired(), limits.idleMs / SWEEPS_PER_IDLE_TIME).unref();
  }

  /** A slot in a child of this plugin: the one used last, or a new one. Rejects when none can be started. */
  async acquire(plugin: PluginCode, limits: ChildLimits): Promise<Slot> {
    if (this.closed) throw new Error('The sandbox is closed.');
    const key = keyOf(plugin, limits);
    const place = this.idle.findLast((place) => place.key === key && place.slot.usable && !place.doubtful);
    if (!place) return this.start(plugin, limits, key);
    this.idle.splice(this.idle.indexOf(place), 1);
    clearTimeout(place.rest);
    return place.slot;
  }

  /** Ends every child, also one that works. Resolves when all are gone. */
  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.sweep);
    for (const slot of this.places.keys()) this.end(slot);
    await Promise.all(this.endings);
  }

  private async start(plugin: PluginCode, limits: ChildLimits, key: string): Promise<Slot> {
    const { work, launcher } = await this.ground();
    const directory = work.forChild();
    const launch = { plugin, limits, directory, writable: true };
    const child = await launcher.start(launch).catch(async (error: unknown) => {
      await remove(directory);
      throw error;
    });
    const slot = new Slot(child, directory, launcher.keepsInputs(plugin), (released) => this.giveBack(released));
    this.places.set(slot, { slot, key, since: performance.now(), idleSince: 0, doubtful: false });
    if (this.closed) this.end(slot);
    return slot;
  }

  private giveBack(slot: Slot): void {
    const place = this.places.get(slot);
    if (!place || this.idle.includes(place)) return;
    if (this.closed || !slot.usable || slot.worn || !slot.clean || this.isOld(place)) return this.end(slot);
    place.idleSince = performance.now();
    place.doubtful = !slot.tidy;
    this.idle.push(place);
    place.rest = setTimeout(() => void this.examine(place), REST_MS).unref();
    const oldest = this.idle.length > this.limits.maxIdle ? this.idle[0] : undefined;
    if (oldest) this.end(oldest.slot);
  }

  /** Whoever goes on working after the answer is ended. */
  private async examine(place: Place): Promise<void> {
    place.doubtful = true;
    const atRest = await place.slot.isAtRest();
    place.doubtful = false;
    if (!atRest) this.end(place.slot);
  }

  private isOld({ slot, since }: Place): boolean {
    return slot.runs >= this.limits.maxRuns && performance.now() - since >= this.limits.minAgeMs;
  }

  private endTired(): void {
    const limit = performance.now() - this.limits.idleMs;
    for (const { slot, idleSince } of this.idle) {
      if (idleSince < limit || !slot.usable) this.end(slot);
    }
  }

  /** The child and its directory go, while nobody waits for it but `close`. */
  private end(slot: Slot): void {
    if (!this.places.delete(slot)) return;
    clearTimeout(this.idle.find((place) => place.slot === slot)?.rest);
    this.idle = this.idle.filter((place) => place.slot !== slot);
    const ending = slot
      .end()
      .then(() => remove(slot.directory))
      .catch((error: unknown) => this.logger.warn(`The directory of a child cannot be removed: ${String(error)}`))
      .finally(() => this.endings.delete(ending));
    this.endings.add(ending);
  }
}

/** Plugin, content, permissions and limits: a child serves nothing else. */
function keyOf({ name, hash, permissions }: PluginCode, limits: ChildLimits): string {
  return JSON.stringify([name, hash, permissions, limits]);
}

async function remove(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}
