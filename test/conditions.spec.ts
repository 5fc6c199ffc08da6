import { describe, expect, it } from '@jest/globals';
import { until } from './conditions.js';

const refused = () => Promise.reject(new Error('The connection was refused.'));

describe('until', () => {
  it('resolves with the first truthy answer', async () => {
    let asked = 0;

    const answer = await until(() => (++asked === 3 ? 'the third' : undefined), { describe: 'it was asked thrice' });

    expect(answer).toBe('the third');
  });

  it('takes an error for "not yet"', async () => {
    let asked = 0;
    const condition = () => {
      if (++asked < 3) throw new Error('The connection was refused.');
      return asked;
    };

    await expect(until(condition, { describe: 'it connects' })).resolves.toBe(3);
  });

  it('throws with its description and the last error when the time is over', async () => {
    const waiting = until(refused, { timeoutMs: 30, describe: 'it connects' });

    await expect(waiting).rejects.toThrow(
      'Waited in vain for 30 ms until it connects. The last error was: The connection was refused.',
    );
  });

  it('throws in time when the condition itself never answers', async () => {
    const { promise } = Promise.withResolvers<boolean>();

    const waiting = until(() => promise, { timeoutMs: 30, describe: 'the silent one speaks' });

    await expect(waiting).rejects.toThrow('until the silent one speaks');
  });

  it('asks at least once every 20 ms', async () => {
    let asked = 0;

    await until(() => ++asked && false, { timeoutMs: 200, describe: 'never' }).catch(() => {});

    expect(asked).toBeGreaterThanOrEqual(8);
  });
});
