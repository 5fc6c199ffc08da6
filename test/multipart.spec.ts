import { describe, expect, it } from '@jest/globals';
import { MALFORMED_MULTIPART, multipart } from './multipart.js';

/** The multipart parser of Node's own fetch, which is strict. */
const parse = ({ contentType, body }: { contentType: string; body: Buffer }) =>
  new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData();

const fileIn = (form: FormData): File => {
  const value = form.get('file');
  if (value instanceof File) return value;
  throw new Error('There is no file in the form.');
};

describe('multipart', () => {
  it('is what a parser understands', async () => {
    const built = multipart([
      { name: 'options', content: '{"width":320}' },
      { name: 'file', filename: 'ä.png', contentType: 'image/png', content: Buffer.from([0, 13, 10, 255]) },
    ]);

    const form = await parse(built);

    expect(form.get('options')).toBe('{"width":320}');
    const file = fileIn(form);
    expect([file.name, file.type]).toEqual(['ä.png', 'image/png']);
    expect(Buffer.from(await file.arrayBuffer())).toEqual(Buffer.from([0, 13, 10, 255]));
  });

  it('can be wrong in nine ways that differ', () => {
    const different = MALFORMED_MULTIPART.map(({ contentType, body }) => `${contentType} ${body.toString()}`);

    expect(MALFORMED_MULTIPART).toHaveLength(9);
    expect(new Set(different).size).toBe(9);
    expect(new Set(MALFORMED_MULTIPART.map(({ name }) => name)).size).toBe(9);
  });
});
