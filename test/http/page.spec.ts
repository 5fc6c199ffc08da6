import { randomUUIDv7 } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { Problem } from '../../src/errors/problem.js';
import { decodeCursor, encodeCursor, linkHeader, page, pageQuery, pageSchema } from '../../src/http/page.js';

const ID = '019aa1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b';

describe('a cursor', () => {
  it('comes back as the id that it was made of', () => {
    for (const id of [ID, ...Array.from({ length: 100 }, () => randomUUIDv7())]) {
      expect(decodeCursor(encodeCursor(id))).toBe(id);
      expect(encodeCursor(id)).toMatch(/^[\w-]{22}$/);
    }
  });

  it.each([
    ['nothing', ''],
    ['an id', ID],
    ['something else', 'abc'],
    ['one character less', encodeCursor(ID).slice(1)],
    ['one character more', `${encodeCursor(ID)}A`],
    ['padding', `${encodeCursor(ID)}==`],
    ['white space', ` ${encodeCursor(ID)}`],
    ['an id of another kind', Buffer.from('00000000000040008000000000000000', 'hex').toString('base64url')],
    ['another spelling of the same bytes', encodeCursor(ID).replace(/.$/, 'x')],
    ['text in base64', Buffer.from("' OR 1=1 --      ").toString('base64url')],
    ['a megabyte', 'A'.repeat(1024 * 1024)],
  ])('is refused when it is %s', (_, cursor) => {
    expect(() => decodeCursor(cursor)).toThrow(Problem);
    expect(() => decodeCursor(cursor)).toThrow(expect.objectContaining({ code: 'invalid_cursor' }));
  });
});

describe('pageQuery', () => {
  it('has defaults', () => {
    expect(pageQuery.parse({})).toEqual({ limit: 50 });
  });

  it('reads text, as a query has it', () => {
    expect(pageQuery.parse({ limit: '200', cursor: encodeCursor(ID) })).toEqual({ limit: 200, cursor: ID });
  });

  it.each(['0', '201', '-1', '1.5', 'ten', '', 'Infinity', ['1', '2']])('refuses the limit %j', (limit) => {
    expect(pageQuery.safeParse({ limit }).success).toBe(false);
  });

  it('refuses a cursor with its own code, also for those who ask by Standard Schema', async () => {
    expect(() => pageQuery.parse({ cursor: 'x' })).toThrow(expect.objectContaining({ code: 'invalid_cursor' }));
    await expect(async () => pageQuery['~standard'].validate({ cursor: 'x' })).rejects.toMatchObject({
      code: 'invalid_cursor',
    });
    expect(pageQuery.safeParse({ cursor: ['a', 'b'] }).success).toBe(false);
  });

  it('can be described as JSON Schema', () => {
    expect(z.toJSONSchema(pageQuery, { io: 'input' })).toMatchObject({
      properties: { limit: { type: 'integer', minimum: 1, maximum: 200, default: 50 }, cursor: { type: 'string' } },
    });
  });
});

describe('page', () => {
  const ids = Array.from({ length: 7 }, () => randomUUIDv7());
  const rows = ids
    .toSorted()
    .toReversed()
    .map((id) => ({ id }));

  it('ends when there is no row too many', () => {
    expect(page(rows, 7)).toEqual({ data: rows, page: { next_cursor: null, has_more: false } });
    expect(page([], 7)).toEqual({ data: [], page: { next_cursor: null, has_more: false } });
  });

  it('keeps the row too many for the next page', () => {
    const next_cursor = encodeCursor(rows[2]?.id ?? '');

    expect(page(rows.slice(0, 4), 3)).toEqual({ data: rows.slice(0, 3), page: { next_cursor, has_more: true } });
  });

  it.each([1, 2, 3, 6, 7, 8])('shows each row once, %i a page', (limit) => {
    const seen: unknown[] = [];
    let after: string | undefined;
    do {
      const { data, page: place } = page(rowsAfter(rows, after).slice(0, limit + 1), limit);
      seen.push(...data);
      after = place.next_cursor === null ? undefined : decodeCursor(place.next_cursor);
    } while (after !== undefined);

    expect(seen).toEqual(rows);
  });

  it('fits its own schema', () => {
    const schema = pageSchema(z.object({ id: z.uuid() }));

    expect(schema.parse(page(rows, 3)).data).toHaveLength(3);
    expect(schema.safeParse({ data: [] }).success).toBe(false);
  });
});

describe('linkHeader', () => {
  it('is absent on the last page', () => {
    expect(linkHeader('/api/v1/files?limit=2', null)).toEqual({});
  });

  it.each([
    ['/api/v1/files', '</api/v1/files?cursor=NEXT>; rel="next"'],
    ['/api/v1/files?', '</api/v1/files?cursor=NEXT>; rel="next"'],
    ['/api/v1/files?limit=2', '</api/v1/files?limit=2&cursor=NEXT>; rel="next"'],
    ['/api/v1/files?cursor=LAST&tag=a%26b', '</api/v1/files?cursor=NEXT&tag=a%26b>; rel="next"'],
    ['/api/v1/files?cursor=A&cursor=B', '</api/v1/files?cursor=NEXT>; rel="next"'],
    ['/a>;rel=x?b=>"c', '</a%3E;rel=x?b=%3E%22c&cursor=NEXT>; rel="next"'],
    ['/a?b=c?d', '</a?b=c%3Fd&cursor=NEXT>; rel="next"'],
  ])('leads on from %s', (url, link) => {
    expect(linkHeader(url, 'NEXT')).toEqual({ link });
  });
});

function rowsAfter(rows: readonly { id: string }[], after: string | undefined): readonly { id: string }[] {
  return after === undefined ? rows : rows.filter(({ id }) => id < after);
}
