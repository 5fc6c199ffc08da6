/** Hands values on, at most one in `intervalMs`. Of those that come too fast the latest is handed on later. */
export class Throttle<Value> {
  private last = -Infinity;
  private pending: { readonly value: Value } | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly intervalMs: number,
    private readonly emit: (value: Value) => void,
  ) {}

  offer(value: Value): void {
    const wait = this.last + this.intervalMs - performance.now();
    if (this.timer === undefined && wait <= 0) {
      this.last = performance.now();
      this.emit(value);
      return;
    }
    this.pending = { value };
    this.timer ??= setTimeout(() => this.flush(), wait);
  }

  /** Forgets what is not yet handed on. */
  stop(): void {
    clearTimeout(this.timer);
  }

  private flush(): void {
    const { pending } = this;
    this.timer = undefined;
    this.pending = undefined;
    this.last = performance.now();
    if (pending) this.emit(pending.value);
  }
}
