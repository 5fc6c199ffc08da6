/** Numbers that look random and are the same for the same seed, so that whatever they broke can be broken again. */
export class SeededRandom {
  private state: number;

  /** @param seed any text */
  constructor(seed: string) {
    this.state = Buffer.from(seed).reduce((sum, byte) => mixed(sum ^ byte), 0x9e3779b9);
  }

  /** At least 0 and less than 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    return (mixed(this.state) >>> 0) / 2 ** 32;
  }

  /** A whole number, at least 0 and less than `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }
}

/** Spreads each bit over all others. */
function mixed(value: number): number {
  const once = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return twice ^ (twice >>> 16);
}
