import { type Rate, RateLimiter, type Verdict } from './rate-limiter.js';
import { SlidingWindow } from './sliding.window.js';

/** Beyond this the key that was quiet for longest is forgotten: somebody with many addresses must not fill the memory. */
const MOST_KEYS = 50_000;

/** For one process: the counts are its own. */
export class MemoryRateLimiter extends RateLimiter {
  /** The key that was quiet for longest comes first. */
  private readonly windows = new Map<string, SlidingWindow>();

  /** @param clock milliseconds that never go back: a clock that is set would keep people waiting until it is there again */
  constructor(private readonly clock: () => number = () => performance.now()) {
    super();
  }

  async hit(key: string, rate: Rate): Promise<Verdict> {
    return this.window(`${key} ${rate.windowMs}`).hit(this.clock(), rate);
  }

  private window(key: string): SlidingWindow {
    const window = this.windows.get(key) ?? new SlidingWindow();
    this.windows.delete(key);
    this.windows.set(key, window);
    if (this.windows.size > MOST_KEYS) this.forgetOldest();
    return window;
  }

  private forgetOldest(): void {
    for (const key of this.windows.keys()) {
      this.windows.delete(key);
      return;
    }
  }
}
