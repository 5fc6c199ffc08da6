import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Entry } from '../../src/events/event.log.js';
import type { EventStream } from '../../src/http/event.stream.js';
import { FINISHED } from '../../src/tasks/task.event-document.js';
import { type ReaderOptions, TaskReader } from '../../src/tasks/task.reader.js';
import { until } from '../conditions.js';
import { pendingTask } from './task.rows.js';

/** A stream whose client takes what it is sent only when the test says so. */
class SlowStream {
  readonly sent: string[] = [];
  isEnded = false;
  isCut = false;
  isFull = false;
  take: () => void = () => {};

  send(text: string): boolean {
    this.sent.push(text);
    return !this.isFull;
  }
  async drained(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.take = resolve;
    await promise;
  }
  end(): void {
    this.isEnded = true;
  }
  cut(): void {
    this.isEnded = true;
    this.isCut = true;
  }
}

const task = pendingTask({ status: 'completed' });
const entry = (number: number, type = 'progress'): Entry => ({
  id: `1-${number}`,
  subject: task.id,
  owner: task.owner,
  type,
  text: '{}',
});

describe('a reader of events', () => {
  let stream: SlowStream;
  const open = (options: Partial<ReaderOptions> = {}) => {
    const usual: ReaderOptions = { showsLog: true, ends: true, find: async () => task };
    return new TaskReader(stream as unknown as EventStream, { ...usual, ...options });
  };
  const ids = () => stream.sent.flatMap((text) => [...text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id));

  beforeEach(() => {
    stream = new SlowStream();
  });

  it('is sent everything that is heard in one turn, to the end', async () => {
    const reader = open();
    reader.begin();

    reader.heard(entry(1));
    reader.heard(entry(2));
    reader.heard(entry(3, FINISHED));

    await until(() => stream.isEnded, { describe: 'the stream has ended' });
    expect(ids()).toEqual(['1-1', '1-2', '1-3.0', '1-3']);
  });

  it('is sent the past before what was heard meanwhile, without what is known', async () => {
    const reader = open({ after: { ms: 1, number: 2 } });
    reader.heard(entry(5));
    const early = ids();

    reader.begin([entry(1), entry(2), entry(3), entry(4)]);
    await until(() => ids().length === 3, { describe: 'all is sent' });

    expect([early, ids()]).toEqual([[], ['1-3', '1-4', '1-5']]);
  });

  it('is sent no lines of a log that is not for it', async () => {
    const reader = open({ showsLog: false });

    reader.begin([entry(1, 'log'), entry(2)]);
    await until(() => ids().length > 0, { describe: 'something is sent' });

    expect(ids()).toEqual(['1-2']);
  });

  it('is sent no faster than it takes, and cut off when it is far behind', async () => {
    const reader = open();
    stream.isFull = true;
    reader.begin();
    for (let number = 1; number <= 1_001; number++) reader.heard(entry(number));
    const before = [ids(), stream.isCut];

    reader.heard(entry(1_002));

    expect(before).toEqual([['1-1'], false]);
    expect([ids(), stream.isCut]).toEqual([['1-1'], true]);
  });

  it('goes on when the client has taken everything', async () => {
    const reader = open();
    stream.isFull = true;
    reader.begin([entry(1), entry(2)]);
    await until(() => ids().length === 1, { describe: 'the first is sent' });

    stream.take();

    await until(() => ids().length === 2, { describe: 'the second is sent' });
  });

  it('is cut off when the row cannot be read, so that it comes back', async () => {
    const reader = open({ find: () => Promise.reject(new Error('The database does not answer.')) });

    reader.begin([entry(1), entry(2, FINISHED)]);
    await until(() => stream.isCut, { describe: 'the stream is cut' });

    expect(ids()).toEqual(['1-1']);
  });
});
