import { createHash } from 'node:crypto';
import { validateHeaderValue } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'content-disposition';
import { contentDisposition, contentHeaders, planContent } from '../../src/http/content.js';

const BYTES = Buffer.from('Hello, world.');
const FILE = {
  type: 'image/png',
  name: 'photo.png',
  size: BYTES.length,
  sha256: createHash('sha256').update(BYTES).digest('hex'),
};
const TAG = `"${FILE.sha256}"`;

describe('planContent', () => {
  it('sends everything when nothing else is asked', () => {
    const plan = planContent({}, FILE);

    expect(plan).toMatchObject({
      status: 200,
      headers: { 'content-length': '13', 'accept-ranges': 'bytes', etag: TAG },
    });
    expect(plan).not.toHaveProperty('range');
    expect(plan.headers).not.toHaveProperty('content-range');
  });

  it('sends a part', () => {
    const plan = planContent({ range: 'bytes=7-11' }, FILE);

    expect(plan).toMatchObject({ status: 206, range: { start: 7, end: 11 } });
    expect(plan.headers).toMatchObject({
      ...contentHeaders(FILE),
      'content-length': '5',
      'content-range': 'bytes 7-11/13',
    });
  });

  it('says how long the file is when the part is outside', () => {
    expect(planContent({ range: 'bytes=13-' }, FILE)).toEqual({
      status: 416,
      headers: { 'content-range': 'bytes */13' },
    });
  });

  it('sends nothing to a client that has it, and tells it again what it may do with it', () => {
    const expected = { status: 304, headers: { etag: TAG, 'cache-control': 'private, no-cache' } };

    expect(planContent({ 'if-none-match': TAG }, FILE)).toEqual(expected);
    expect(planContent({ 'if-none-match': TAG, range: 'bytes=0-1' }, FILE)).toEqual(expected);
    expect(planContent({ 'if-none-match': TAG, range: 'bytes=99-' }, FILE)).toEqual(expected);
  });

  it.each([
    ['a part, when the client has another', { 'if-none-match': '"other"', range: 'bytes=0-1' }, 206],
    ['a part, when the rest is the same', { 'if-range': TAG, range: 'bytes=0-1' }, 206],
    ['everything, when the rest is another', { 'if-range': '"other"', range: 'bytes=0-1' }, 200],
    ['everything, when the rest is only like it', { 'if-range': `W/${TAG}`, range: 'bytes=0-1' }, 200],
    ['everything, when a date is named', { 'if-range': 'Fri, 20 Nov 2026 10:00:00 GMT', range: 'bytes=99-' }, 200],
    ['everything, when several parts are asked', { range: 'bytes=0-1,3-4' }, 200],
    ['everything, when no part is named', { 'if-range': TAG }, 200],
  ])('sends %s', (_, headers, status) => {
    expect(planContent(headers, FILE).status).toBe(status);
  });

  it('knows parts for GET only', () => {
    expect(planContent({ range: 'bytes=0-1' }, FILE, 'HEAD')).toMatchObject({
      status: 200,
      headers: { 'content-length': '13' },
    });
  });

  it('sends the nothing of an empty file', () => {
    expect(planContent({ range: 'bytes=-5' }, { ...FILE, size: 0 })).toMatchObject({
      status: 200,
      headers: { 'content-length': '0' },
    });
  });
});

describe('contentHeaders', () => {
  it('lets a browser run nothing of what it is sent', () => {
    expect(contentHeaders({ ...FILE, type: 'text/html', name: 'page.html' })).toEqual({
      'content-type': 'text/html; charset=utf-8',
      'content-disposition': 'attachment; filename=page.html',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'private, no-cache',
      'accept-ranges': 'bytes',
      etag: TAG,
      'repr-digest': `sha-256=:${createHash('sha256').update(BYTES).digest('base64')}:`,
    });
  });

  it.each([
    ['text/plain', 'text/plain; charset=utf-8'],
    ['text/csv', 'text/csv; charset=utf-8'],
    ['application/json', 'application/json'],
    ['image/svg+xml', 'image/svg+xml'],
    ['', 'application/octet-stream'],
    ['text/html\r\nx: y', 'application/octet-stream'],
    ['nonsense', 'application/octet-stream'],
  ])('sends the type %j as %j', (type, contentType) => {
    expect(contentHeaders({ ...FILE, type })['content-type']).toBe(contentType);
  });

  it.each([
    ['image/png', 'inline'],
    ['text/plain', 'inline'],
    ['video/mp4', 'inline'],
    ['image/svg+xml', 'attachment'],
    ['text/html', 'attachment'],
    ['application/xml', 'attachment'],
    ['application/pdf', 'attachment'],
    ['application/octet-stream', 'attachment'],
  ])('shows %s as %s when asked to show it', (type, disposition) => {
    const headers = contentHeaders({ ...FILE, type, inline: true });

    expect(parse(headers['content-disposition'] ?? '').type).toBe(disposition);
  });
});

describe('contentDisposition', () => {
  it.each([
    ['photo.png', 'attachment; filename=photo.png'],
    ['my photo.png', 'attachment; filename="my photo.png"'],
    ['a"b\\c.png', 'attachment; filename="a\\"b\\\\c.png"'],
    ['€ 世.png', `attachment; filename="? ?.png"; filename*=UTF-8''%E2%82%AC%20%E4%B8%96.png`],
    ['50%41.png', "attachment; filename=50%41.png; filename*=UTF-8''50%2541.png"],
  ])('writes %j', (name, header) => {
    expect(contentDisposition(name)).toBe(header);
  });

  it.each(['😀.png', 'a\ud800b.png', 'a\r\nSet-Cookie: x=y', '\0', 'é', '..', '%00', '"', '', '\u202egnp.exe'])(
    'makes of %j a header field that can be sent, and read back',
    (name) => {
      const header = contentDisposition(name);

      expect(() => validateHeaderValue('content-disposition', header)).not.toThrow();
      expect(parse(header)).toMatchObject({ type: 'attachment', parameters: { filename: name.toWellFormed() } });
    },
  );
});
