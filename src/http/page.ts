import { z } from 'zod';
import { Problem } from '../errors/problem.js';

const UUID_V7 = /^([0-9a-f]{8})([0-9a-f]{4})(7[0-9a-f]{3})([89ab][0-9a-f]{3})([0-9a-f]{12})$/;

/** The query of every list; `cursor` comes out as the id of the last row of the page before. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('How many entries at most.'),
  cursor: z
    .string()
    .transform(decodeCursor)
    .optional()
    .describe('Where the page begins: `next_cursor` of the page before.'),
});

export type PageQuery = z.output<typeof pageQuery>;

const placeSchema = z.object({
  next_cursor: z.string().nullable().describe('Where the next page begins; null when this is the last one.'),
  has_more: z.boolean().describe('Whether there are more entries after these.'),
});

/** A page of a list, newest first. */
export interface Page<Row> {
  readonly data: Row[];
  readonly page: z.output<typeof placeSchema>;
}

/** The document of a page of such entries. */
export function pageSchema<Entry extends z.ZodType>(entry: Entry) {
  return z.object({ data: z.array(entry), page: placeSchema });
}

/** One page out of its first `limit + 1` rows: the one too many tells that there is more. */
export function page<Row extends { readonly id: string }>(rows: readonly Row[], limit: number): Page<Row> {
  const data = rows.slice(0, limit);
  const last = rows.length > limit ? data.at(-1) : undefined;
  return { data, page: { next_cursor: last ? encodeCursor(last.id) : null, has_more: last !== undefined } };
}

/** The place after the row with this id, a UUIDv7 (RFC 9562), as text that a client only hands back. */
export function encodeCursor(id: string): string {
  return Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');
}

/** The id inside a cursor. Throws Problem `invalid_cursor` for whatever `encodeCursor` has not made. */
export function decodeCursor(cursor: string): string {
  const digits = Buffer.from(cursor, 'base64url').toString('hex');
  const id = UUID_V7.exec(digits)?.slice(1).join('-');
  if (id !== undefined && encodeCursor(id) === cursor) return id;
  throw new Problem(
    'invalid_cursor',
    'The cursor is none that a page gave as next_cursor; without one, the list begins anew.',
  );
}

/**
 * The header field that leads to the next page (RFC 8288), the rest of the query kept; none on the last page.
 *
 * @param url path and query of this request
 */
export function linkHeader(url: string, nextCursor: string | null): { link?: string } {
  if (nextCursor === null) return {};
  const [path = '', ...query] = url.split('?');
  const parameters = new URLSearchParams(query.join('?'));
  parameters.set('cursor', nextCursor);
  return { link: `<${path.replaceAll('>', '%3E')}?${parameters.toString()}>; rel="next"` };
}
