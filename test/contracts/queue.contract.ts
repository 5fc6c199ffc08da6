import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Queue } from '../../src/queue/queue.js';
import { until } from '../conditions.js';
import { onBusyMachine } from '../time.limits.js';
import { describeConsuming, newIds, NOTHING, untilCounts } from './queue.consuming.contract.js';

export interface QueueUnderTest {
  readonly queue: Queue;
  /** Takes away everything that `make` has made; the queue may be closed by then. */
  readonly dispose: () => Promise<void>;
}

/** The exam that every adapter of Queue passes. `make` gives a new, empty one for each test. */
export function describeQueue(name: string, make: () => Promise<QueueUnderTest>): void {
  describe(`${name} as a Queue`, () => {
    let subject: QueueUnderTest;
    let queue: Queue;
    let rung: string[];

    beforeEach(async () => {
      subject = await make();
      ({ queue } = subject);
      rung = [];
    });

    afterEach(() => subject.dispose());

    const note = async (id: string) => {
      rung.push(id);
    };

    function untilRung(count: number): Promise<unknown> {
      return until(() => rung.length >= count, { describe: `${count} rings were heard` });
    }

    describe('push', () => {
      it('rings for each id that is pushed later', async () => {
        const ids = newIds(50);
        await queue.consume(4, note);

        await Promise.all(ids.map((id) => queue.push(id)));

        await untilRung(50);
        expect(rung.toSorted()).toEqual(ids.toSorted());
      });

      it('rings for each id that was pushed before', async () => {
        const ids = newIds(50);
        await Promise.all(ids.map((id) => queue.push(id)));

        await queue.consume(4, note);

        await untilRung(50);
        expect(rung.toSorted()).toEqual(ids.toSorted());
      });

      it('rings in the order of pushing', async () => {
        const ids = newIds(20);
        for (const id of ids) await queue.push(id);

        await queue.consume(1, note);

        await untilRung(20);
        expect(rung).toEqual(ids);
      });

      it('rings a higher priority earlier, and the usual one between', async () => {
        const priorities = [0, -5, 10, 3, 10, -5, 0, 1_000_000, -1_000_000];
        for (const [index, priority] of priorities.entries()) await queue.push(`${priority}/${index}`, { priority });
        await queue.push('usual');

        await queue.consume(1, note);

        await untilRung(10);
        expect(rung).toEqual(['1000000/7', '10/2', '10/4', '3/3', '0/0', '0/6', 'usual', '-5/1', '-5/5', '-1000000/8']);
      });

      it('rings after the delay, not before', async () => {
        await queue.consume(1, note);
        const start = performance.now();

        await queue.push('later', { delayMs: 300 });
        await queue.push('now');

        await untilRung(2);
        expect(rung).toEqual(['now', 'later']);
        expect(performance.now() - start).toBeGreaterThan(295);
        expect(performance.now() - start).toBeLessThan(onBusyMachine(1_500));
      });

      it('rings once for an id that waits already', async () => {
        await queue.push('one');
        await queue.push('one');
        await queue.push('one', { priority: 5 });
        await queue.push('two');

        await queue.consume(1, note);

        await untilRung(2);
        await untilCounts(queue, NOTHING);
        expect(rung).toEqual(['one', 'two']);
      });

      it('rings once for an id that is delayed already', async () => {
        await queue.consume(1, note);
        await queue.push('one', { delayMs: 100 });

        await queue.push('one');

        expect(await queue.counts()).toEqual({ waiting: 0, delayed: 1, active: 0 });
        await untilRung(1);
        await untilCounts(queue, NOTHING);
        expect(rung).toEqual(['one']);
      });

      it('does not ring for an id that is being answered', async () => {
        const gate = Promise.withResolvers<void>();
        await queue.consume(2, async (id) => {
          await note(id);
          await gate.promise;
        });
        await queue.push('one');
        await untilRung(1);

        await queue.push('one');

        expect(await queue.counts()).toEqual({ waiting: 0, delayed: 0, active: 1 });
        gate.resolve();
        await untilCounts(queue, NOTHING);
        expect(rung).toEqual(['one']);
      });

      it('rings again for an id that was answered', async () => {
        await queue.consume(1, note);
        await queue.push('one');
        await untilRung(1);
        await untilCounts(queue, NOTHING);

        await queue.push('one');

        await untilRung(2);
        expect(rung).toEqual(['one', 'one']);
      });

      it('carries an id with an attempt in it as it is', async () => {
        const id = `${randomUUID()}:12`;
        await queue.consume(1, note);

        await queue.push(id);

        await untilRung(1);
        expect(rung).toEqual([id]);
      });

      it('rejects when the queue is closed', async () => {
        await queue.push('one');
        await queue.close(0);

        await expect(queue.push('two')).rejects.toThrow(/closed/);
      });
    });

    describe('cancel', () => {
      it('takes back a ring that waits, and no other', async () => {
        for (const id of ['one', 'two', 'three']) await queue.push(id);

        await queue.cancel('two');
        await queue.consume(1, note);

        await untilRung(2);
        await untilCounts(queue, NOTHING);
        expect(rung).toEqual(['one', 'three']);
      });

      it('takes back a ring that is delayed', async () => {
        await queue.consume(1, note);
        await queue.push('one', { delayMs: 50 });
        await queue.push('two', { delayMs: 150 });

        await queue.cancel('one');

        expect(await queue.counts()).toEqual({ waiting: 0, delayed: 1, active: 0 });
        await untilRung(1);
        expect(rung).toEqual(['two']);
      });

      it('lets an id be pushed again', async () => {
        await queue.push('one');
        await queue.push('two');
        await queue.cancel('one');

        await queue.push('one');
        await queue.consume(1, note);

        await untilRung(2);
        await untilCounts(queue, NOTHING);
        expect(rung).toEqual(['two', 'one']);
      });

      it('is no fault for an id that nobody pushed', async () => {
        await expect(queue.cancel('nobody')).resolves.toBeUndefined();
      });

      it('is no fault for an id that is being answered, and does not disturb it', async () => {
        const gate = Promise.withResolvers<void>();
        await queue.consume(1, async (id) => {
          await gate.promise;
          await note(id);
        });
        await queue.push('one');
        await untilCounts(queue, { waiting: 0, delayed: 0, active: 1 });

        await queue.cancel('one');

        gate.resolve();
        await untilCounts(queue, NOTHING);
        expect(rung).toEqual(['one']);
      });
    });

    it('has nothing to warn of when its server is set as it should be', async () => {
      await queue.counts();

      expect(queue.warnings()).toEqual([]);
    });

    describe('counts', () => {
      it('tells what waits, what is delayed and what is being answered', async () => {
        const gate = Promise.withResolvers<void>();
        expect(await queue.counts()).toEqual(NOTHING);
        await Promise.all(newIds(5).map((id) => queue.push(id)));
        await Promise.all(newIds(3).map((id) => queue.push(id, { delayMs: 60_000 })));
        expect(await queue.counts()).toEqual({ waiting: 5, delayed: 3, active: 0 });

        await queue.consume(2, () => gate.promise);

        await untilCounts(queue, { waiting: 3, delayed: 3, active: 2 });
        gate.resolve();
        await untilCounts(queue, { waiting: 0, delayed: 3, active: 0 });
      });
    });

    describeConsuming(() => queue);
  });
}
