import { childLimits } from '../../sandbox/limits.js';
import type { Sandbox } from '../../sandbox/sandbox.js';
import type { Slot } from '../../sandbox/slot.js';
import { type Attempt, attemptIn, type Base, type Verdict } from './attempt.js';

/**
 * The child in which one attempt after the other is made, for as long as it bears them: to start a child costs more than
 * most attempts. A pool would not give it back before it had examined it; here each attempt ends with that.
 */
export class WarmChild {
  private slot: Slot | undefined;

  constructor(
    private readonly sandbox: Sandbox,
    private readonly base: Base,
  ) {}

  async attempt(what: Attempt): Promise<Verdict> {
    const slot = what.limits ? await this.acquire(what) : (this.slot ?? (await this.acquire(what)));
    if (what.warm && slot.runs === 0) await attemptIn(slot, this.base, { what: 'loaded' });
    if (!what.limits) this.slot = slot;
    const verdict = await attemptIn(slot, this.base, what);
    const isSpent = what.limits !== undefined || verdict.faults.length > 0 || !slot.usable || slot.worn;
    if (isSpent) this.release(slot);
    return verdict;
  }

  /** Lets the child go. */
  close(): void {
    if (this.slot) this.release(this.slot);
  }

  private acquire({ limits }: Attempt): Promise<Slot> {
    return this.sandbox.acquire(this.base.plugin, { ...childLimits(this.base.tool.limits), ...limits });
  }

  private release(slot: Slot): void {
    if (slot === this.slot) this.slot = undefined;
    slot.release();
  }
}
