import type { IncomingHttpHeaders } from 'node:http';
import { create } from 'content-disposition';
import { contentTag, notModified, rangeApplies } from './entity-tag.js';
import { type ByteRange, parseRange } from './range.js';

/** Stored bytes, as they are shown to the world. */
export interface Representation {
  /** The detected type, never a claimed one. */
  readonly type: string;
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** In hexadecimal. */
  readonly sha256: string;
  /** Shown in the browser instead of saved, where the type can do no harm. */
  readonly inline?: boolean;
}

/** How to answer: the status, the header fields, and for 206 which bytes. 304 and 416 carry nothing of the file. */
export type ContentPlan =
  | { readonly status: 200; readonly headers: Headers; readonly range?: undefined }
  | { readonly status: 206; readonly headers: Headers; readonly range: ByteRange }
  | { readonly status: 304; readonly headers: Headers }
  | { readonly status: 416; readonly headers: Headers };

type Headers = Record<string, string>;

const TYPE = /^[\w.+-]+\/[\w.+-]+$/;
/** Types that run nothing: neither script nor a viewer of their own. */
const HARMLESS = /^(?:image\/(?:png|apng|jpeg|gif|webp|avif|bmp)|text\/plain|(?:audio|video)\/[\w.+-]+)$/;

/** What to answer to a request for stored bytes, in the order of RFC 9110 §13.2.2. Ranges are for GET alone (§14.2). */
export function planContent(request: IncomingHttpHeaders, representation: Representation, method = 'GET'): ContentPlan {
  const { size, sha256 } = representation;
  const tag = contentTag(sha256);
  if (notModified(request['if-none-match'], tag)) return { status: 304, headers: validators(tag) };

  const wantsRange = method === 'GET' && rangeApplies(firstOf(request['if-range']), tag);
  const range = wantsRange ? parseRange(request.range, size) : undefined;
  if (range === 'unsatisfiable') return { status: 416, headers: { 'content-range': `bytes */${size}` } };
  const headers = contentHeaders(representation);
  if (!range) return { status: 200, headers: { ...headers, 'content-length': String(size) } };
  return { status: 206, headers: { ...headers, ...rangeHeaders(range, size) }, range };
}

/**
 * The header fields under which bytes of strangers can be delivered: a name by RFC 6266 and RFC 8187, a digest by RFC 9530,
 * and nothing that makes a browser run them in our name.
 */
export function contentHeaders({ type, name, sha256, inline = false }: Representation): Headers {
  return {
    ...validators(contentTag(sha256)),
    'content-type': contentType(type),
    'content-disposition': contentDisposition(name, inline && HARMLESS.test(type) ? 'inline' : 'attachment'),
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cross-origin-resource-policy': 'same-origin',
    'repr-digest': `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`,
  };
}

/** `Content-Disposition` with any name: in ASCII where it is, else in UTF-8 with a plain one beside it. */
export function contentDisposition(name: string, type: 'attachment' | 'inline' = 'attachment'): string {
  return create(name.toWellFormed(), { type });
}

/** What a client must be told again even when the bytes are not: RFC 9110 §15.4.5. */
function validators(tag: string): Headers {
  return { etag: tag, 'cache-control': 'private, no-cache' };
}

function rangeHeaders({ start, end }: ByteRange, size: number): Headers {
  return { 'content-range': `bytes ${start}-${end}/${size}`, 'content-length': String(end - start + 1) };
}

/** Text in UTF-16 says so itself, by a byte order mark, which counts more than this field. */
function contentType(type: string): string {
  if (!TYPE.test(type)) return 'application/octet-stream';
  return type.startsWith('text/') ? `${type}; charset=utf-8` : type;
}

function firstOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
