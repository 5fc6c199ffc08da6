import { Logger } from '@nestjs/common';

/** Clocks that differ by less are taken for the same: an answer does not come in less time than that everywhere. */
const SAME_MS = 100;
/** From here on the machine should be looked after. */
const WRONG_MS = 2_000;

/**
 * The clock that all processes share, so that no machine whose own clock is wrong keeps its tasks too long, or takes
 * those of others. It costs nothing to look at: what is measured now and then is how far the own clock is off.
 */
export class DatabaseClock {
  private readonly logger = new Logger(DatabaseClock.name);
  private aheadMs = 0;
  private isWrong = false;

  now(): Date {
    return new Date(Date.now() - this.aheadMs);
  }

  /** @param ask answers the time of the database, in milliseconds since 1970 */
  async measure(ask: () => Promise<number>): Promise<void> {
    const asked = Date.now();
    const theirs = await ask();
    const answered = Date.now();
    const uncertainMs = Math.abs(answered - asked) / 2;
    const aheadMs = (asked + answered) / 2 - theirs;
    this.aheadMs = Math.abs(aheadMs) <= SAME_MS + uncertainMs ? 0 : Math.round(aheadMs);
    this.tell();
  }

  private tell(): void {
    const isWrong = Math.abs(this.aheadMs) >= WRONG_MS;
    if (isWrong && !this.isWrong)
      this.logger.warn({ ahead_ms: this.aheadMs, msg: 'The clock of this machine is not that of the database.' });
    this.isWrong = isWrong;
  }
}
