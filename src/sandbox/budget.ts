/** A leaky bucket: allows `capacity` at once, and in the long run `perSecond`. */
export class Budget {
  private left: number;
  private since = performance.now();

  constructor(
    private readonly capacity: number,
    private readonly perSecond: number,
  ) {
    this.left = capacity;
  }

  /** Whether that much is still allowed. Then it is spent. */
  spend(cost: number): boolean {
    const now = performance.now();
    this.left = Math.min(this.capacity, this.left + ((now - this.since) / 1_000) * this.perSecond);
    this.since = now;
    if (cost > this.left) return false;
    this.left -= cost;
    return true;
  }
}
