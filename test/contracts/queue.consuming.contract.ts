import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { setTimeout as workFor } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { Queue, QueueCounts } from '../../src/queue/queue.js';
import { until } from '../conditions.js';
import { onBusyMachine } from '../time.limits.js';

export const NOTHING: QueueCounts = { waiting: 0, delayed: 0, active: 0 };

/** The part of the exam of a Queue about whoever answers, and how that ends. */
export function describeConsuming(queue: () => Queue): void {
  let rung: string[];

  beforeEach(() => {
    rung = [];
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  const note = async (id: string) => {
    rung.push(id);
  };

  function untilRung(count: number): Promise<unknown> {
    return until(() => rung.length >= count, { describe: `${count} rings were heard` });
  }

  describe('consume', () => {
    it('answers as many rings at a time as it may, and not one more', async () => {
      const gate = Promise.withResolvers<void>();
      let now = 0;
      let most = 0;
      await Promise.all(newIds(10).map((id) => queue().push(id)));

      await queue().consume(3, async (id) => {
        most = Math.max(most, ++now);
        await gate.promise;
        now--;
        await note(id);
      });

      await untilCounts(queue(), { waiting: 7, delayed: 0, active: 3 });
      gate.resolve();
      await untilRung(10);
      expect(most).toBe(3);
    });

    it('logs what a handler throws, and goes on', async () => {
      const log = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
      await queue().consume(1, async (id) => {
        await note(id);
        if (id === 'bad') throw new Error('A fault that this test has made.');
      });

      await queue().push('bad');
      await queue().push('good');

      await untilRung(2);
      await untilCounts(queue(), NOTHING);
      expect(rung).toEqual(['bad', 'good']);
      expect(log).toHaveBeenCalledTimes(1);
      expect(log).toHaveBeenCalledWith(expect.objectContaining({ id: 'bad', err: expect.any(Error) }));
    });

    it('logs what a handler throws before its first await, and goes on', async () => {
      const log = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
      await queue().consume(1, (id) => {
        rung.push(id);
        if (id === 'bad') throw new Error('A fault that this test has made.');
        return Promise.resolve();
      });

      await queue().push('bad');
      await queue().push('good');

      await untilRung(2);
      await untilCounts(queue(), NOTHING);
      expect(log).toHaveBeenCalledTimes(1);
    });

    it('answers outside the context of whoever pushes', async () => {
      const context = new AsyncLocalStorage<string>();
      const seen: (string | undefined)[] = [];
      await queue().consume(1, async (id) => {
        seen.push(context.getStore());
        await note(id);
      });

      for (const id of ['one', 'two']) await context.run(`request ${id}`, () => queue().push(id));

      await untilRung(2);
      expect(seen).toEqual([undefined, undefined]);
    });

    it('lets a handler push', async () => {
      await queue().consume(1, async (id) => {
        await note(id);
        if (id === 'first') await queue().push('second');
      });

      await queue().push('first');

      await untilRung(2);
      expect(rung).toEqual(['first', 'second']);
    });

    it('refuses a second consumer', async () => {
      await queue().consume(1, note);

      await expect(queue().consume(1, note)).rejects.toThrow(/consumer/);
    });
  });

  describe('close', () => {
    it('waits for what is being answered, and answers nothing more', async () => {
      await queue().consume(1, async (id) => {
        await workFor(150);
        await note(id);
      });
      await queue().push('one');
      await queue().push('two');
      await untilCounts(queue(), { waiting: 1, delayed: 0, active: 1 });

      await queue().close(10_000);

      expect(rung).toEqual(['one']);
    });

    it('gives up when the time is over', async () => {
      await queue().consume(1, () => new Promise(() => {}));
      await queue().push('one');
      await untilCounts(queue(), { waiting: 0, delayed: 0, active: 1 });
      const start = performance.now();

      await queue().close(200);

      const ms = performance.now() - start;
      expect(ms).toBeGreaterThan(195);
      expect(ms).toBeLessThan(onBusyMachine(2_000));
    });

    it('does not wait when nothing is being answered', async () => {
      await queue().consume(1, note);
      await queue().push('one');
      await untilCounts(queue(), NOTHING);
      const start = performance.now();

      await queue().close(10_000);

      expect(performance.now() - start).toBeLessThan(onBusyMachine(2_000));
    });

    it('can come right after consume', async () => {
      await queue().push('one');

      await queue().consume(4, note);
      await queue().close(1_000);

      await expect(queue().push('two')).rejects.toThrow(/closed/);
    });

    it('can be repeated, and come before everything', async () => {
      await queue().close(0);

      await expect(queue().close(1_000)).resolves.toBeUndefined();
    });
  });
}

export function newIds(count: number): string[] {
  return Array.from({ length: count }, () => `${randomUUID()}:1`);
}

export async function untilCounts(queue: Queue, wanted: QueueCounts): Promise<void> {
  await until(async () => same(await queue.counts(), wanted), { describe: `counts are ${JSON.stringify(wanted)}` });
}

function same(one: QueueCounts, other: QueueCounts): boolean {
  return one.waiting === other.waiting && one.delayed === other.delayed && one.active === other.active;
}
