import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { Events } from '../../src/events/events.js';
import { until } from '../conditions.js';

export interface EventsUnderTest {
  /** Two ends of the same platform; the same object where there is one process only. */
  readonly here: Events;
  readonly there: Events;
  /** Takes away everything that `make` has made; the events may be closed by then. */
  readonly dispose: () => Promise<void>;
}

/** The exam that every adapter of Events passes. `make` gives two new ends for each test. */
export function describeEvents(name: string, make: () => Promise<EventsUnderTest>): void {
  describe(`${name} as Events`, () => {
    let subject: EventsUnderTest;
    let here: Events;
    let there: Events;
    let heard: string[];

    beforeEach(async () => {
      subject = await make();
      ({ here, there } = subject);
      heard = [];
    });
    afterEach(async () => {
      await subject.dispose();
      jest.restoreAllMocks();
    });

    const note = (text: string) => void heard.push(text);

    /** Resolves when what is said `here` is heard `there`, and nothing is under way: a subscription takes a moment. */
    const connected = async (topic: string) => {
      const probes: string[] = [];
      const stop = there.subscribe(topic, (text) => void probes.push(text));
      const arrived = async () => {
        await here.publish(topic, 'probe');
        return probes.length > 0;
      };
      await until(arrived, { describe: 'both ends are connected' });
      await here.publish(topic, 'the last probe');
      await until(() => probes.at(-1) === 'the last probe', { describe: 'every probe has arrived' });
      stop();
    };
    /** What is said last comes last, so all that was said before has been heard by then. */
    const settled = async (topic: string) => {
      await here.publish(topic, 'last');
      await until(() => heard.at(-1) === 'last', { describe: 'all is heard' });
    };

    it('tell everybody who listens, each of them once and in order', async () => {
      await connected('news');
      const also: string[] = [];
      there.subscribe('news', note);
      there.subscribe('news', (text) => void also.push(text));

      for (const text of ['one', 'two', 'three']) await here.publish('news', text);
      await settled('news');

      expect(heard).toEqual(['one', 'two', 'three', 'last']);
      expect(also).toEqual(heard);
    });

    it('are heard in the process that says them before publish resolves, and once only', async () => {
      await connected('news');
      here.subscribe('news', note);

      const said = here.publish('news', 'one');
      const atOnce = [...heard];
      await said;
      await settled('news');

      expect(atOnce).toEqual(['one']);
      expect(heard).toEqual(['one', 'last']);
    });

    it('keep topics apart', async () => {
      await Promise.all([connected('news'), connected('news-of-others')]);
      there.subscribe('news', note);

      await here.publish('news-of-others', 'not for us');
      await here.publish('new', 'not for us');
      await settled('news');

      expect(heard).toEqual(['last']);
    });

    it('are not heard any more by who has stopped, though others still are', async () => {
      await connected('news');
      const stopped: string[] = [];
      const stop = there.subscribe('news', (text) => void stopped.push(text));
      there.subscribe('news', note);

      stop();
      stop();
      await settled('news');

      expect([stopped, heard]).toEqual([[], ['last']]);
    });

    it.each(['', 'line\nline\0"\\ü😀\ud800', 'x'.repeat(4_096)])('carry every text as it is: %#', async (text) => {
      await connected('news');
      there.subscribe('news', note);

      await here.publish('news', text);
      await settled('news');

      expect(heard).toEqual([text, 'last']);
    });

    it('refuse a text that is too long', async () => {
      here.subscribe('news', note);

      await expect(here.publish('news', 'x'.repeat(4_097))).rejects.toThrow(/4096/);

      expect(heard).toEqual([]);
    });

    it('survive a listener that throws', async () => {
      const error = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
      await connected('news');
      there.subscribe('news', () => {
        throw new Error('A fault that this test has made.');
      });
      there.subscribe('news', note);

      await here.publish('news', 'one');
      await settled('news');

      expect(heard).toEqual(['one', 'last']);
      expect(error).toHaveBeenCalledTimes(2);
    });

    it('are lost when nobody listens', async () => {
      await here.publish('news', 'too early');
      await connected('news');
      there.subscribe('news', note);

      await settled('news');

      expect(heard).toEqual(['last']);
    });

    it('end when they are closed, as often as one likes', async () => {
      await connected('news');
      here.subscribe('news', note);

      await here.close();
      await here.close();

      await expect(here.publish('news', 'one')).rejects.toThrow(/closed/);
      here.subscribe('news', note)();
      expect(heard).toEqual([]);
    });
  });
}
