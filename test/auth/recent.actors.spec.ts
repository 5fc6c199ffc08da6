import { describe, expect, it, jest } from '@jest/globals';
import type { Actor } from '../../src/auth/actor.js';
import { RecentActors } from '../../src/auth/recent.actors.js';
import { ROLE_PERMISSIONS } from '../../src/auth/role.js';

const actor: Actor = {
  id: 'ann',
  role: 'user',
  permissions: ROLE_PERMISSIONS.user,
  credential: { type: 'session', id: 's' },
};

describe('recent actors', () => {
  it('are looked up once in ten seconds', async () => {
    jest.useFakeTimers();
    const [recent, lookUp] = [new RecentActors(), jest.fn(async () => actor)];

    await recent.find('s', lookUp);
    jest.advanceTimersByTime(9_999);
    await recent.find('s', lookUp);
    expect(lookUp).toHaveBeenCalledTimes(1);
    jest.advanceTimersByTime(1);
    await recent.find('s', lookUp);

    expect(lookUp).toHaveBeenCalledTimes(2);
    jest.useRealTimers();
  });

  it('are looked up at once when they were forgotten, one or all', async () => {
    const [recent, lookUp] = [new RecentActors(), jest.fn(async () => actor)];

    await recent.find('s', lookUp);
    recent.forget('s');
    await recent.find('s', lookUp);
    recent.forgetAll();
    await recent.find('s', lookUp);

    expect(lookUp).toHaveBeenCalledTimes(3);
  });

  it('are not kept when something was taken away while they were looked up', async () => {
    const [recent, slow] = [new RecentActors(), Promise.withResolvers<Actor>()];
    const finding = recent.find('s', () => slow.promise);

    recent.forget('s');
    slow.resolve(actor);
    await finding;

    await expect(recent.find('s', async () => undefined)).resolves.toBeUndefined();
  });

  it('are nobody each time when they were nobody', async () => {
    const [recent, lookUp] = [new RecentActors(), jest.fn(async () => undefined)];

    await recent.find('s', lookUp);
    await recent.find('s', lookUp);

    expect(lookUp).toHaveBeenCalledTimes(2);
  });
});
