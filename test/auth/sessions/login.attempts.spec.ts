import { describe, expect, it } from '@jest/globals';
import { LoginAttempts } from '../../../src/auth/sessions/login.attempts.js';
import type { SessionStore } from '../../../src/auth/sessions/session.store.js';
import { MemoryRateLimiter } from '../../../src/limits/memory.rate-limiter.js';

const EMAIL = 'ada@people.test';
const HOME = '2001:db8:1:2:3:4:5:6';

const attemptsOn = (familiar: readonly string[]): LoginAttempts => {
  const sessions = { addresses: async () => familiar } as unknown as SessionStore;
  return new LoginAttempts(new MemoryRateLimiter(), sessions);
};

/** Somebody with many places tries one account until nobody new may. */
const attack = async (attempts: LoginAttempts): Promise<void> => {
  for (let place = 0; place < 50; place++) await attempts.count(EMAIL, 'ada', `198.51.100.${place}`);
};

describe('attempts to log in', () => {
  it('of somebody new end when others have tried too often', async () => {
    const attempts = attemptsOn([HOME]);
    await attack(attempts);

    await expect(attempts.count(EMAIL, 'ada', '2001:db8:1:3::1')).rejects.toMatchObject({ code: 'rate_limited' });
  });

  it.each([HOME, '2001:db8:1:2::77', '2001:db8:1:2:ffff::'])(
    'go on where the user has been: %s is in the same network',
    async (address) => {
      const attempts = attemptsOn([HOME]);
      await attack(attempts);

      await expect(attempts.count(EMAIL, 'ada', address)).resolves.toBeUndefined();
    },
  );
});
