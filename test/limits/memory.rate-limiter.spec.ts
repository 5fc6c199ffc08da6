import { describe, expect, it } from '@jest/globals';
import { MemoryRateLimiter } from '../../src/limits/memory.rate-limiter.js';
import { describeRateLimiter } from '../contracts/rate-limiter.contract.js';

describeRateLimiter('MemoryRateLimiter', async (clock) => ({
  limiter: new MemoryRateLimiter(clock),
  dispose: async () => {},
}));

describe('MemoryRateLimiter', () => {
  const once = { limit: 1, windowMs: 60_000 };

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
