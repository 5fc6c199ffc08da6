import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { Entry, EventLog, NewEntry } from '../../src/events/event.log.js';
import { comparePlaces, parseEntryId } from '../../src/events/entry.id.js';
import { until } from '../conditions.js';

export interface EventLogUnderTest {
  /** Two ends of the same platform, both open; the same object where there is one process only. */
  readonly here: EventLog;
  readonly there: EventLog;
  /** Takes away everything that `make` has made; the logs may be closed by then. */
  readonly dispose: () => Promise<void>;
}

const entry = (text: string, members: Partial<NewEntry> = {}): NewEntry => ({
  subject: 'a task',
  owner: 'somebody',
  type: 'status',
  text,
  ...members,
});
const texts = (entries: readonly Entry[]) => entries.map(({ text }) => text);
const inOrder = (entries: readonly Entry[]) =>
  entries.every(({ id }, index) => {
    const [place, before] = [parseEntryId(id), parseEntryId(entries[index - 1]?.id ?? '0-0')];
    return place && before && comparePlaces(before, place) < 0;
  });

const failing = () => {
  throw new Error('A fault that this test has made.');
};

/** The exam that every adapter of EventLog passes. `make` gives two new ends for each test. */
export function describeEventLog(name: string, make: () => Promise<EventLogUnderTest>): void {
  describe(`${name} as EventLog`, () => {
    let subject: EventLogUnderTest;
    let here: EventLog;
    let there: EventLog;
    let heard: Entry[];

    beforeEach(async () => {
      subject = await make();
      ({ here, there } = subject);
      heard = [];
    });
    afterEach(async () => {
      await subject.dispose();
      jest.restoreAllMocks();
    });

    const note = { heard: (found: Entry) => void heard.push(found), lost: () => {} };
    /** What is appended last is known last, so all before it is known by then. */
    const settled = async (...ends: EventLog[]) => {
      here.append([entry('last', { subject: 'the end', owner: 'nobody' })]);
      for (const end of ends) {
        const known = () => end.past({ subject: 'the end' }).entries.length > 0;
        await until(known, { describe: 'everything is known' });
      }
    };

    it('tells followers of a subject, and those of its owner, each entry once and in order', async () => {
      const all: Entry[] = [];
      there.follow({ subject: 'a task' }, note);
      there.follow({ owner: 'somebody' }, { ...note, heard: (found) => void all.push(found) });

      here.append([entry('one'), entry('two', { subject: 'another' }), entry('three', { owner: 'another' })]);
      here.append([entry('four')]);
      await settled(there);

      expect(texts(heard)).toEqual(['one', 'three', 'four']);
      expect(texts(all)).toEqual(['one', 'two', 'four']);
      expect([inOrder(heard), inOrder(all)]).toEqual([true, true]);
      expect(heard[0]).toEqual({ ...entry('one'), id: expect.any(String) });
    });

    it('tells the same past in every process, from the entry on that is known already', async () => {
      here.append(Array.from({ length: 1_000 }, (_, index) => entry(String(index))));
      await settled(here, there);

      const all = here.past({ subject: 'a task' }).entries;
      const rest = there.past({ owner: 'somebody' }, all[499]?.id);

      expect(texts(all)).toEqual(Array.from({ length: 1_000 }, (_, index) => String(index)));
      expect(rest.entries).toEqual(all.slice(500));
      expect(rest.isWhole).toBe(true);
      expect(there.past({ subject: 'a task' }, rest.head).entries).toEqual([]);
    });

    it('leaves no gap and nothing twice between the past and what is followed', async () => {
      const count = 2_000;
      const seen: Entry[] = [];
      for (let number = 0; number < count; number++) here.append([entry(String(number))]);
      await until(() => there.past({ subject: 'a task' }).entries.length > 0, { describe: 'it has begun' });

      seen.push(...there.past({ subject: 'a task' }).entries);
      there.follow({ subject: 'a task' }, { ...note, heard: (found) => void seen.push(found) });
      await settled(there);

      expect(texts(seen)).toEqual(Array.from({ length: count }, (_, index) => String(index)));
    });

    it.each(['0-0', '1-5', 'nonsense', '', '1-1-1', '999999999999999999-0'])(
      'does not claim to know the whole past after %j',
      (after) => {
        expect(there.past({ subject: 'a task' }, after).isWhole).toBe(false);
      },
    );

    it('forgets the oldest entries, and says so', async () => {
      here.append([entry('the oldest')]);
      await settled(there);
      const oldest = there.past({ subject: 'a task' }).entries[0]?.id;
      for (let round = 0; round < 5; round++) {
        here.append(Array.from({ length: 5_000 }, (_, index) => entry(`${round}.${index}`)));
        const latest = () => there.past({ subject: 'a task' }).entries.at(-1)?.text === `${round}.4999`;
        await until(latest, { timeoutMs: 20_000, describe: 'all has come' });
      }

      const { entries, isWhole } = there.past({ subject: 'a task' }, oldest);
      const recent = there.past({ subject: 'a task' }, entries.at(-9_000)?.id);

      expect(isWhole).toBe(false);
      expect(entries.length).toBeGreaterThanOrEqual(10_000);
      expect(entries.length).toBeLessThanOrEqual(20_001);
      expect([recent.isWhole, recent.entries.length]).toEqual([true, 8_999]);
    }, 30_000);

    it('takes one entry of those with the same mark, whoever appends it', async () => {
      await expect(here.missing(['a', 'b', 'c'])).resolves.toEqual(['a', 'b', 'c']);

      here.append([entry('one', { mark: 'a' }), entry('two', { mark: 'b' }), entry('three', { mark: 'a' })]);
      await settled(there);
      there.append([entry('four', { mark: 'b' }), entry('five')]);
      await until(() => texts(there.past({ subject: 'a task' }).entries).includes('five'), { describe: 'all came' });

      expect(texts(there.past({ subject: 'a task' }).entries)).toEqual(['one', 'two', 'five']);
      await expect(there.missing(['c', 'a', 'b'])).resolves.toEqual(['c']);
      await expect(there.missing([])).resolves.toEqual([]);
    });

    it('says nothing more to who has stopped', async () => {
      const stop = there.follow({ subject: 'a task' }, note);
      const also: Entry[] = [];
      there.follow({ subject: 'a task' }, { ...note, heard: (found) => void also.push(found) });

      stop();
      stop();
      here.append([entry('one')]);
      await settled(there);

      expect([heard, texts(also)]).toEqual([[], ['one']]);
    });

    it('carries every text as it is', async () => {
      const wanted = ['', 'line\nline\0"\\ü😀', 'x'.repeat(16_384)];

      here.append(wanted.map((text) => entry(text)));
      await settled(there);

      expect(texts(there.past({ subject: 'a task' }).entries)).toEqual(wanted);
    });

    it('survives a follower that throws', async () => {
      const error = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
      there.follow({ subject: 'a task' }, { ...note, heard: failing });
      there.follow({ subject: 'a task' }, note);

      here.append([entry('one'), entry('two')]);
      await settled(there);

      expect(texts(heard)).toEqual(['one', 'two']);
      expect(error).toHaveBeenCalledTimes(2);
    });

    it('ends when it is closed, as often as one likes, with everything said', async () => {
      here.append([entry('one')]);

      await here.close();
      await here.close();

      here.append([entry('two')]);
      here.follow({ subject: 'a task' }, note)();
      if (there !== here) {
        await until(() => texts(there.past({ subject: 'a task' }).entries).includes('one'), { describe: 'it came' });
      }
      expect(heard).toEqual([]);
    });
  });
}
