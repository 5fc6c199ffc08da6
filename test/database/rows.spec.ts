import { randomUUIDv7 } from 'node:crypto';
import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Rows } from '../../src/database/rows.js';
import { DATABASES, type TestDatabase } from './databases.js';

/** A column of every kind. */
const Sample = defineEntity({
  name: 'Sample',
  tableName: 'sample',
  properties: {
    id: p.uuid().primary(),
    words: p.string().nullable(),
    choice: p.enum(['left', 'right'] as const).nullable(),
    wholeNumber: p.integer().nullable(),
    largeNumber: p.bigint('number').nullable(),
    fraction: p.float().nullable(),
    isTrue: p.boolean().nullable(),
    anything: p.json<unknown>().nullable(),
    moment: p.datetime().nullable(),
  },
});
type Sample = InferEntity<typeof Sample>;

const TABLES = {
  sqlite: `create table sample (id text not null primary key, words text, choice text, whole_number integer,
    large_number integer, fraction real, is_true integer, anything json, moment datetime)`,
  postgresql: `create table sample (id uuid not null primary key, words text, choice text, whole_number integer,
    large_number bigint, fraction double precision, is_true boolean, anything jsonb, moment timestamptz(3))`,
};

const JSON_VALUES: readonly [string, unknown][] = [
  ['an empty object', {}],
  ['an empty list', []],
  ['a text', 'text'],
  ['an empty text', ''],
  ['a text that looks like JSON', '{"a":1}'],
  ['a text that is a quotation mark', '"'],
  ['a number', 42],
  ['zero', 0],
  ['a fraction', -1.5e-7],
  ['the largest safe number', Number.MAX_SAFE_INTEGER],
  ['true', true],
  ['false', false],
  ['a list of everything', [null, 'a', 1, true, {}, []]],
  ['a nested object', { a: { b: [{ c: null }] }, 'd e': { '': [[]] } }],
  ['other scripts', { 'ключ 🔑': ['日本語', 'عربى', 'e\u0301', '\u202e', '👩‍👩‍👧'] }],
  ['marks that statements use', { "'": '?', '??': '\\?', $1: `"; drop table sample; --`, ':a': '\\' }],
  ['line ends and tabs', 'a\r\nb\tc\u2028d'],
];

describe.each(DATABASES)('the rows of an entity on $name', ({ kind, prepare }) => {
  let ground: TestDatabase;
  let rows: Rows<Sample>;
  let id: string;

  beforeAll(async () => {
    ground = await prepare(Sample);
    await ground.database.change(TABLES[kind], []);
    rows = ground.database.rows(Sample);
  });
  beforeEach(() => {
    id = randomUUIDv7();
  });
  afterAll(() => ground[Symbol.asyncDispose]());

  const empty = (): Sample => ({
    id,
    words: null,
    choice: null,
    wholeNumber: null,
    largeNumber: null,
    fraction: null,
    isTrue: null,
    anything: null,
    moment: null,
  });

  const full = (): Sample => ({
    id,
    words: `It's "a" \\ ? word: ключ 🔑`,
    choice: 'left',
    wholeNumber: -7,
    largeNumber: 5 * 1024 ** 4,
    fraction: 0.1,
    isTrue: true,
    anything: { a: [1, null] },
    moment: new Date('2026-11-20T12:34:56.789Z'),
  });

  const find = () => rows.find('id = ?', [id]);
  /** As MikroORM reads it, which the lists do. */
  const findByOrm = async () => ({ ...(await ground.database.entities().findOneOrFail(Sample, { id })) });

  it('come back as they were inserted', async () => {
    await rows.insert(full());

    await expect(find()).resolves.toStrictEqual(full());
  });

  it('come back with every column empty', async () => {
    await rows.insert(empty());

    await expect(find()).resolves.toStrictEqual(empty());
  });

  it('are the same whichever way they are read', async () => {
    await rows.insert(full());

    await expect(findByOrm()).resolves.toEqual(full());
  });

  it('are the same whichever way they were written', async () => {
    await ground.database.entities().insert(Sample, full());

    await expect(find()).resolves.toStrictEqual(full());
  });

  it.each(JSON_VALUES)('keep JSON that is %s', async (_, anything) => {
    await rows.insert({ ...empty(), anything });

    await expect(find()).resolves.toMatchObject({ anything });
    await expect(findByOrm()).resolves.toMatchObject({ anything });
  });

  it.each(JSON_VALUES)('are changed to JSON that is %s', async (_, anything) => {
    await rows.insert(full());

    await rows.update({ anything }, 'id = ?', [id]);

    await expect(find()).resolves.toStrictEqual({ ...full(), anything });
  });

  it.each([
    '1970-01-01T00:00:00.000Z',
    '1969-12-31T23:59:59.999Z',
    '2026-03-29T01:30:00.001Z',
    '2026-10-25T01:30:00.999Z',
    '2038-01-19T03:14:08.000Z',
    '9999-12-31T23:59:59.999Z',
  ])('keep the moment %s to the millisecond', async (time) => {
    await rows.insert({ ...empty(), moment: new Date(time) });

    const found = await find();

    expect(found?.moment?.toISOString()).toBe(time);
    expect((await findByOrm()).moment?.toISOString()).toBe(time);
  });

  it('can be looked for by a moment', async () => {
    const moment = new Date('2026-11-20T12:34:56.789Z');
    await rows.insert({ ...empty(), moment });

    await expect(rows.find('id = ? and moment = ?', [id, moment])).resolves.toBeDefined();
    await expect(rows.find('id = ? and moment > ?', [id, moment])).resolves.toBeUndefined();
    await expect(rows.find('id = ? and moment >= ?', [id, moment])).resolves.toBeDefined();
  });

  it.each([true, false])('keep %s', async (isTrue) => {
    await rows.insert({ ...empty(), isTrue });

    await expect(find()).resolves.toMatchObject({ isTrue });
  });

  it('are emptied where a change says null', async () => {
    await rows.insert(full());

    await rows.update({ ...empty() }, 'id = ?', [id]);

    await expect(find()).resolves.toStrictEqual(empty());
  });

  it('are changed only where the condition holds, and only in what the change names', async () => {
    const other = { ...full(), id: randomUUIDv7() };
    await rows.insert(full());
    await rows.insert(other);

    const changed = await rows.update({ wholeNumber: 1 }, 'id = ? and choice = ?', [id, 'left']);
    const unchanged = await rows.update({ wholeNumber: 2 }, 'id = ? and choice = ?', [id, 'right']);

    expect([changed, unchanged]).toEqual([1, 0]);
    await expect(find()).resolves.toStrictEqual({ ...full(), wholeNumber: 1 });
    await expect(rows.find('id = ?', [other.id])).resolves.toStrictEqual(other);
  });

  it('are not there when nothing fits the condition', async () => {
    await expect(find()).resolves.toBeUndefined();
  });

  it('are not made twice', async () => {
    await rows.insert(full());

    await expect(rows.insert(full())).rejects.toThrow(/unique|duplicate/i);
  });

  it('take no change of what they do not have', async () => {
    await expect(rows.update({ unknown: 1 } as Partial<Sample>, 'id = ?', [id])).rejects.toThrow(
      'sample has no column for unknown.',
    );
  });

  it('take columns that are none of the entity, computed by the statement that inserts them', async () => {
    await ground.database.change('alter table sample add column doubled integer', []);
    const insert = rows.inserter({ doubled: '2 * (select ? + whole_number from sample where id = ?)' });
    const first = { ...full(), id: randomUUIDv7(), wholeNumber: 20 };
    await rows.insert(first);

    const { text, values } = insert(full(), [1, first.id]);
    await ground.database.change(text, values);

    await expect(find()).resolves.toStrictEqual(full());
    await expect(ground.database.query('select doubled from sample where id = ?', [id])).resolves.toEqual([
      { doubled: 42 },
    ]);
  });

  it('are read as before when a newer process has added a column', async () => {
    await rows.insert(full());
    await find();

    await ground.database.change('alter table sample add column newer integer', []);

    await expect(find()).resolves.toStrictEqual(full());
  });

  it('take what looks like SQL as the text that it is', async () => {
    const words = `'; update sample set words = 'gone'; --`;
    await rows.insert({ ...empty(), words });

    await expect(rows.find('id = ? and words = ?', [id, words])).resolves.toMatchObject({ words });
    await expect(rows.find('id = ? and words = ?', [id, `' or '1' = '1`])).resolves.toBeUndefined();
  });
});
