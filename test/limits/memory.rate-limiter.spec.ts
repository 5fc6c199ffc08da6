import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { MemoryRateLimiter } from '../../src/limits/memory.rate-limiter.js';
import { describeRateLimiter } from '../contracts/rate-limiter.contract.js';

describeRateLimiter('MemoryRateLimiter', async (clock) => ({
  limiter: new MemoryRateLimiter(clock),
  dispose: async () => {},
}));

describe('MemoryRateLimiter', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });
  const once = { limit: 1, windowMs: 60_000 };

  it('keeps nobody waiting because the clock of the machine was put forward and back', async () => {
    const limiter = new MemoryRateLimiter();
    const often = { limit: 1, windowMs: 100 };
    const day = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 86_400_000);
    await limiter.hit('a', often);
    day.mockRestore();

    expect((await limiter.hit('a', often)).retryAfterMs).toBeLessThanOrEqual(110);
  });

  it('forgets who was quiet for longest when somebody comes with very many keys', async () => {
    const limiter = new MemoryRateLimiter();
    await limiter.hit('quiet', once);
    await limiter.hit('busy', once);

    for (let number = 0; number < 49_999; number++) {
      await limiter.hit(`other ${number}`, once);
      if (number % 1_000 === 0) await limiter.hit('busy', once);
    }

    expect(await limiter.hit('busy', once)).toMatchObject({ allowed: false });
    expect(await limiter.hit('quiet', once)).toMatchObject({ allowed: true });
  });
});
