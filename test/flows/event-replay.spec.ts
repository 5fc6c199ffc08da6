import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COMBINATIONS } from '../combinations.js';
import { until } from '../conditions.js';
import { EventReader } from '../event-reader.js';
import type { Platform, Role } from '../platform.js';
import { randomNumbers } from '../random.js';
import { createTask } from './client.js';
import { type Grounded, startOn } from './grounds.js';

const TASKS = 500;
const READERS = 10;
const CUTS_PER_READER = 20;
const AT_ONCE = 8;

const WHERE: readonly (readonly [string, readonly Role[]])[] = [
  ['SQLite and the embedded queue', ['all']],
  ['PostgreSQL and Bull', ['api', 'api', 'worker']],
];

describe.each(WHERE)('readers that are cut off again and again, on %s', (name, roles) => {
  let ground: Grounded;
  let platform: Platform;

  beforeAll(async () => {
    const combination = COMBINATIONS.find((combination) => combination.name === name);
    if (!combination) throw new Error(`There is no ${name}.`);
    ground = await startOn(combination, { roles, env: { RATE_LIMIT_STATUS: '0', RATE_LIMIT_CREATE: '0' } });
    platform = ground.platform;
  });
  afterAll(() => ground[Symbol.asyncDispose]());

  it('hear each event of 500 tasks once, in order', async () => {
    const random = randomNumbers(5);
    const urls = platform.processes.filter(({ role }) => role !== 'worker').map(({ url }) => `${url}/api/v1/events`);
    const somewhere = () => urls[random(urls.length)] ?? '';
    const whole = new EventReader(platform.credentials);
    void whole.read(somewhere());
    await until(() => whole.lastId !== undefined, { describe: 'the reader that is never cut reads' });
    const place = whole.lastId;
    const readers = Array.from({ length: READERS }, () => new EventReader(platform.credentials));
    const ends = () => whole.data('result').length;

    // Each is cut when the tasks have come to a point that was drawn before, wherever its stream stands then.
    const reading = readers.map(async (reader) => {
      reader.lastId = place;
      const points = Array.from({ length: CUTS_PER_READER }, () => random(TASKS - 20)).toSorted((a, b) => a - b);
      for (const point of points) {
        const read = reader.read(somewhere());
        await until(() => ends() >= point && reader.status === 200, {
          timeoutMs: 120_000,
          describe: `${point} tasks ended`,
        });
        reader.cut();
        await read;
      }
      void reader.read(somewhere());
    });
    const create = async () => {
      for (let task = 0; task < TASKS / AT_ONCE; task++) await createTask(platform, 'echo');
    };
    await Promise.all(Array.from({ length: AT_ONCE }, create));
    await Promise.all(reading);
    const total = Math.ceil(TASKS / AT_ONCE) * AT_ONCE;
    await until(() => ends() === total, { timeoutMs: 60_000, describe: 'every task has ended' });
    const last = whole.ids.at(-1);
    for (const reader of readers) await until(() => reader.lastId === last, { describe: 'the others know it, too' });
    for (const reader of [whole, ...readers]) reader.cut();

    expect(new Set(whole.ids).size).toBe(whole.events.length);
    expect(whole.events.length).toBeGreaterThanOrEqual(4 * total);
    for (const reader of readers) {
      expect(reader.ids).toEqual(whole.ids);
      expect(reader.events.map(({ data }) => data)).toEqual(whole.events.map(({ data }) => data));
    }
  }, 240_000);
});
