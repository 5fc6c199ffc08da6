/** Checks in a row that must fail before a service counts as gone: one may be lost on its way. */
const MISSES = 2;
/** Runs in a row that must fail before the service is left in peace. */
const FAILURES = 3;
const FIRST_REST_MS = 10_000;
const LONGEST_REST_MS = 300_000;

/**
 * Whether a service may be given work. It may not while it does not answer checks, nor for a while after several runs in
 * a row have failed, however well it answers checks; the next failure after that makes the while twice as long.
 */
export class Circuit {
  private misses = 0;
  private failures = 0;
  private restMs = FIRST_REST_MS;
  private restsUntil = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds of a clock that never jumps */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Why it gets no work. Undefined: it does. */
  get open(): 'silent' | 'failing' | undefined {
    if (this.misses >= MISSES) return 'silent';
    return this.now() < this.restsUntil ? 'failing' : undefined;
  }

  /** Milliseconds until it may be given work again, when its runs have failed; else 0. */
  get restLeftMs(): number {
    return Math.max(0, this.restsUntil - this.now());
  }

  checked(isWell: boolean): void {
    this.misses = isWell ? 0 : this.misses + 1;
  }

  ran(isWell: boolean): void {
    if (isWell) {
      this.failures = 0;
      this.restMs = FIRST_REST_MS;
    } else if (!this.open) this.failed();
  }

  /** Runs that began before it opened end after that, and say nothing new. */
  private failed(): void {
    this.failures += 1;
    if (this.failures < FAILURES) return;
    this.restsUntil = this.now() + this.restMs;
    this.restMs = Math.min(this.restMs * 2, LONGEST_REST_MS);
  }
}
