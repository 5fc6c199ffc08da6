import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { ZipFile } from 'yazl';
import FileIdentify from '../../../plugins/file/file-identify.tool.ts';
import { runTool } from '../tool-run.js';

const tool = new FileIdentify();

const UNKNOWN = 'application/octet-stream';

const image = (format: 'png' | 'jpeg' | 'webp' | 'avif' | 'gif' | 'tiff') =>
  sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .toFormat(format)
    .toBuffer();

async function zip(entries: Readonly<Record<string, string>>): Promise<Buffer> {
  const archive = new ZipFile();
  for (const [name, text] of Object.entries(entries)) archive.addBuffer(Buffer.from(text), name, { compress: false });
  archive.end();
  return buffer(archive.outputStream);
}

/** Its mark lies behind the bytes that the platform judged it by. */
const WORD = {
  'docProps/thumbnail.wmf': '.'.repeat(8_000),
  '[Content_Types].xml':
    '<Types><Override ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
  'word/document.xml': '<w:document/>',
};

/** What is in the file, its type as the platform judged it by the first bytes, and what the tool says. */
const TABLE: readonly [string, () => Promise<Buffer> | Buffer, string, string, string | null][] = [
  ['PNG', () => image('png'), 'image/png', 'image/png', 'png'],
  ['JPEG', () => image('jpeg'), 'image/jpeg', 'image/jpeg', 'jpg'],
  ['WebP', () => image('webp'), 'image/webp', 'image/webp', 'webp'],
  ['AVIF', () => image('avif'), 'image/avif', 'image/avif', 'avif'],
  ['GIF', () => image('gif'), 'image/gif', 'image/gif', 'gif'],
  ['TIFF', () => image('tiff'), 'image/tiff', 'image/tiff', 'tif'],
  ['PDF', () => Buffer.from('%PDF-1.7\n'), 'application/pdf', 'application/pdf', 'pdf'],
  ['gzip', () => gzipSync('hello'), 'application/gzip', 'application/gzip', 'gz'],
  ['a zip', () => zip({ 'a.txt': 'Hello.' }), 'application/zip', 'application/zip', 'zip'],
  [
    'a Word document',
    () => zip(WORD),
    'application/zip',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    'docx',
  ],
  ['text', () => Buffer.from('Hello.'), 'text/plain', 'text/plain', 'txt'],
  ['a table', () => Buffer.from('a,b\n1,2\n'), 'text/csv', 'text/csv', 'csv'],
  ['JSON', () => Buffer.from('{"a":1}'), 'application/json', 'application/json', 'json'],
  ['HTML', () => Buffer.from('<!doctype html><p>Hi'), 'text/html', 'text/html', 'html'],
  ['XML', () => Buffer.from('<?xml version="1.0"?><a/>'), 'application/xml', 'application/xml', 'xml'],
  ['SVG', () => Buffer.from('<?xml version="1.0"?><svg/>'), 'image/svg+xml', 'image/svg+xml', 'svg'],
  ['what nobody knows', () => Buffer.from([0, 1, 2, 3]), UNKNOWN, UNKNOWN, null],
  ['one byte', () => Buffer.from('%'), UNKNOWN, UNKNOWN, null],
  ['nothing', () => Buffer.alloc(0), UNKNOWN, UNKNOWN, null],
];

describe('file-identify', () => {
  it.each(TABLE)('knows %s by its bytes, not by its name', async (_, content, given, type, extension) => {
    const bytes = await content();

    await using run = await runTool(tool, { inputs: [{ name: 'song.mp3', type: given, bytes }] });

    expect(run.result).toEqual({ data: { files: [{ name: 'song.mp3', type, extension, size: bytes.length }] } });
  });

  it('answers for each of several files, in order', async () => {
    const inputs = ['png', 'gif', 'webp'] as const;
    const files = await Promise.all(
      inputs.map(async (format) => ({ name: `x.${format}`, type: UNKNOWN, bytes: await image(format) })),
    );

    await using run = await runTool(tool, { inputs: files });

    expect(run.result.data).toMatchObject({ files: inputs.map((extension) => ({ extension })) });
    expect(run.progress).toEqual([0, 1 / 3, 2 / 3]);
  });

  it('answers for every beginning of a file', async () => {
    const whole = await zip({ 'word/document.xml': '<w:document/>' });
    const answers = new Set<unknown>();

    for (let length = 1; length < Math.min(whole.length, 400); length++) {
      const input = { name: 'cut', type: UNKNOWN, bytes: whole.subarray(0, length) };
      await using run = await runTool(tool, { inputs: [input] });
      answers.add(Object.keys(run.result.data as object).join());
    }

    expect([...answers]).toEqual(['files']);
  });

  it('stops when the run is aborted', async () => {
    const controller = new AbortController();
    const running = runTool(tool, {
      inputs: [{ name: 'x', type: UNKNOWN, bytes: await image('png') }],
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });

    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  });
});
