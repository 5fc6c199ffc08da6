import { type ChildLimits, childLimits } from '../../sandbox/limits.js';
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

  attempt(what: Attempt): Promise<Verdict> {
    return what.limits ? this.inAnother(what, what.limits) : this.inThis(what);
  }

  private async inThis(what: Attempt): Promise<Verdict> {
    this.slot ??= await this.acquire({});
    const { slot } = this;
    if (what.warm && slot.runs === 0) await attemptIn(slot, this.base, { what: 'loaded' });
    const verdict = await attemptIn(slot, this.base, what);
    if (verdict.faults.length > 0 || !slot.usable || slot.worn) this.close();
    return verdict;
  }

  /** In a child of its own. One that cannot even start with so little was stopped by it. */
  private async inAnother(what: Attempt, limits: Partial<ChildLimits>): Promise<Verdict> {
    const slot = await this.acquire(limits).catch(() => undefined);
    if (!slot) return { ending: 'stopped', faults: [], ms: 0, stubborn: false };
    try {
      return await attemptIn(slot, this.base, what);
    } finally {
      slot.release();
    }
  }

  /** Lets the child go. */
  close(): void {
    this.slot?.release();
    this.slot = undefined;
  }

  private acquire(limits: Partial<ChildLimits>): Promise<Slot> {
    return this.sandbox.acquire(this.base.plugin, { ...childLimits(this.base.tool.limits), ...limits });
  }
}
