import { describe, expect, it } from '@jest/globals';
import { EmbeddedQueue } from '../../src/queue/embedded.queue.js';
import { describeQueue } from '../contracts/queue.contract.js';

describeQueue('EmbeddedQueue', async () => {
  const queue = new EmbeddedQueue();
  return { queue, dispose: () => queue.close(0) };
});

describe('EmbeddedQueue', () => {
  it('reaches an idle handler before the next timer or I/O', async () => {
    const queue = new EmbeddedQueue();
    const rung: string[] = [];
    await queue.consume(1, async (id) => {
      rung.push(id);
    });

    await queue.push('one');

    expect(rung).toEqual(['one']);
  });

  it('sorts what is pushed in one step, even when a handler is idle', async () => {
    const queue = new EmbeddedQueue();
    const rung: string[] = [];
    await queue.consume(1, async (id) => {
      rung.push(id);
    });

    await Promise.all([queue.push('low', { priority: -1 }), queue.push('high', { priority: 1 })]);

    await new Promise(setImmediate);
    expect(rung).toEqual(['high', 'low']);
  });

  it('keeps the order among a hundred thousand', async () => {
    const queue = new EmbeddedQueue();
    const priorities = Array.from({ length: 100_000 }, (_, index) => (index * 7919) % 13);
    const rung: number[] = [];
    await Promise.all(priorities.map((priority, index) => queue.push(String(index), { priority })));

    await queue.consume(1, async (id) => {
      rung.push(Number(id));
    });
    while (rung.length < priorities.length) await new Promise(setImmediate);

    const expected = priorities
      .map((priority, index) => ({ priority, index }))
      .toSorted((one, other) => other.priority - one.priority || one.index - other.index);
    expect(rung).toEqual(expected.map(({ index }) => index));
  });

  it('lets the rest of the process have its turn while many rings wait', async () => {
    const queue = new EmbeddedQueue();
    let rung = 0;
    for (let index = 0; index < 10_000; index++) await queue.push(String(index));

    await queue.consume(4, async () => {
      rung++;
    });
    await new Promise(setImmediate);

    expect(rung).toBeGreaterThan(0);
    expect(rung).toBeLessThan(1_000);
    await queue.close(0);
  });

  it('leaves no timer behind', async () => {
    const queue = new EmbeddedQueue();
    const before = timers();
    await queue.push('later', { delayMs: 60_000 });
    await queue.push('never', { delayMs: Number.MAX_SAFE_INTEGER });
    expect(timers()).toBe(before + 2);

    await queue.close(0);

    expect(timers()).toBe(before);
  });
});

function timers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
}
