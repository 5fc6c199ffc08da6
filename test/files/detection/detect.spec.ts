import { describe, expect, it } from '@jest/globals';
import { detect, HEAD_BYTES } from '../../../src/files/detection/detect.js';
import { randomNumbers } from '../../random.js';
import { DOCX, gzip, ODT, pdf, picture, zip } from './samples.js';

const OCTETS = 'application/octet-stream';

async function typeOf(content: string | Uint8Array, whole = true): Promise<string> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return (await detect(bytes, whole)).type;
}

function headOf(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, HEAD_BYTES);
}

describe('detect: binary formats', () => {
  it.each([
    ['png', 'image/png'],
    ['jpeg', 'image/jpeg'],
    ['webp', 'image/webp'],
    ['avif', 'image/avif'],
    ['gif', 'image/gif'],
    ['tiff', 'image/tiff'],
  ] as const)('knows a small and the head of a large %s', async (format, type) => {
    const [small, large] = await Promise.all([picture(format), picture(format, 120)]);

    expect(large.length).toBeGreaterThan(HEAD_BYTES);
    expect(await typeOf(small)).toBe(type);
    expect(await typeOf(headOf(large), false)).toBe(type);
  });

  it('knows a PDF, a gzip and a zip', async () => {
    expect(await detect(pdf(), true)).toEqual({ type: 'application/pdf', extension: 'pdf' });
    expect(await detect(gzip(), true)).toEqual({ type: 'application/gzip', extension: 'gz' });
    expect(await detect(await zip({ 'a.txt': 'hello' }), true)).toEqual({ type: 'application/zip', extension: 'zip' });
  });

  it('names a type without its parameters', async () => {
    const opus = Buffer.concat([Buffer.from('OggS'), Buffer.alloc(24), Buffer.from('OpusHead'), Buffer.alloc(40)]);

    expect(await typeOf(opus)).toBe('audio/ogg');
  });

  it('sees what a zip is for when its head says it', async () => {
    expect((await detect(await zip(DOCX), true)).extension).toBe('docx');
    expect((await detect(await zip(ODT), true)).extension).toBe('odt');
  });

  it('sees OOXML by its folders when the list of types comes after the head', async () => {
    const workbook = {
      'xl/workbook.xml': '<workbook/>',
      'xl/large.bin': noise(20_000),
      '[Content_Types].xml': '<Types/>',
    };

    expect((await detect(headOf(await zip(workbook)), false)).extension).toBe('xlsx');
  });

  it('calls a zip a zip when its head does not say what it is for', async () => {
    const hidden = { 'preview.bin': noise(20_000), ...DOCX };

    expect(await typeOf(headOf(await zip(hidden)), false)).toBe('application/zip');
  });

  it('says nothing of bytes that nobody knows', async () => {
    expect(await typeOf(Uint8Array.of(0x80, 0x81, 0x00, 0x02))).toBe(OCTETS);
    expect(await typeOf(Uint8Array.of(0))).toBe(OCTETS);
    expect(await typeOf('')).toBe(OCTETS);
    expect(await typeOf('text with a \0 in it')).toBe(OCTETS);
    expect(await typeOf('text with a \u0007 in it')).toBe(OCTETS);
  });
});

describe('detect: text', () => {
  it.each([
    ['plain words', 'Hello, world.\n'],
    ['one character', 'a'],
    ['white space', ' \r\n\t\n'],
    ['a byte order mark and no more', '\ufeff'],
    ['accents, other scripts and emoji', 'Grüße, 世界, 🎉\n'],
    ['colours of a terminal', '\u001b[31mred\u001b[0m\n'],
    ['a letter that begins like a bitmap', 'BMW, a car maker\nfrom Munich\n'],
    ['a letter that begins like a program', 'MZ is how it begins\n'],
    ['a letter that begins like a GIF', 'GIF89a is a format.\n'],
    ['a letter that begins like a 3D model', 'solid gold\n'],
    ['a letter that begins like an MP3', 'ID3 tags are nice\n'],
    ['LaTeX', '%!TEX program = xelatex\n\\documentclass{article}\n'],
    ['a shell script', '#!/bin/sh\necho "$1"\n'],
    ['source code', 'for (;;) {\n  run();\n}\n'],
    ['an INI file', '[section]\nkey=value\n'],
    ['a log line in brackets', '[2026-11-20] started\n'],
  ])('takes %s for plain text', async (_, content) => {
    expect(await typeOf(content)).toBe('text/plain');
    expect(await typeOf(content, false)).toBe('text/plain');
  });

  it('forgives a character that the end of the head cuts, but not one that the end of the file cuts', async () => {
    const cut = Buffer.from('Grüße, 世').subarray(0, -1);

    expect(await typeOf(cut, false)).toBe('text/plain');
    expect(await typeOf(cut, true)).toBe(OCTETS);
  });

  it('forgives that cut at each length of the head', async () => {
    const text = Buffer.from('a😀é世😀');

    for (let length = 1; length <= text.length; length++) {
      expect(await typeOf(text.subarray(0, length), false)).toBe('text/plain');
    }
  });

  it('reads UTF-16 when a byte order mark says so', async () => {
    const little = Buffer.from('\ufeffGrüße, 世界\n', 'utf16le');
    const big = Buffer.from(little).swap16();

    expect(await typeOf(little)).toBe('text/plain');
    expect(await typeOf(big)).toBe('text/plain');
    expect(await typeOf(little.subarray(0, -1), false)).toBe('text/plain');
    expect(await typeOf(little.subarray(0, -1), true)).not.toBe('text/plain');
  });

  it('does not take UTF-32 or other bytes for UTF-16', async () => {
    expect(await typeOf(Uint8Array.of(0xff, 0xfe, 0, 0, 0x41, 0, 0, 0))).toBe(OCTETS);
    expect(await typeOf(Uint8Array.of(0xfe, 0xff, 0xdc, 0x00, 0x00, 0x41))).toBe(OCTETS);
  });

  it('does not guess other encodings', async () => {
    expect(await typeOf(Buffer.from('Gr\u00fc\u00dfe\n', 'latin1'))).toBe(OCTETS);
  });

  it('believes markup in another encoding, because it says itself what it is', async () => {
    const xml = '<?xml version="1.0" encoding="ISO-8859-1"?><gru\u00df/>';

    expect(await typeOf(Buffer.from(xml, 'latin1'))).toBe('application/xml');
    expect(await typeOf(Buffer.from('<!doctype html><p>Gr\u00fc\u00dfe', 'latin1'))).toBe('text/html');
    expect(await typeOf(Buffer.from('\ufeff<svg xmlns="http://www.w3.org/2000/svg"/>', 'utf16le'))).toBe(
      'image/svg+xml',
    );
  });

  it.each([
    ['application/pdf', '%PDF-1.4\n1 0 obj <<>> endobj\n'],
    ['application/postscript', '%!PS-Adobe-3.0\n'],
    ['application/eps', '%!PS-Adobe-3.0 EPSF-3.0\n'],
    ['application/rtf', '{\\rtf1 hello}'],
    ['text/vcard', 'BEGIN:VCARD\r\nEND:VCARD\r\n'],
    ['text/calendar', 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n'],
    ['text/vtt', 'WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n'],
  ])('knows %s although it looks like text', async (type, content) => {
    expect(await typeOf(content)).toBe(type);
  });
});

describe('detect: files that are two things', () => {
  it('goes by how they begin', async () => {
    const [gif, archive] = await Promise.all([picture('gif'), zip({ 'a.txt': 'a' })]);

    expect(await typeOf(Buffer.concat([gif, archive]))).toBe('image/gif');
    expect(await typeOf(Buffer.concat([pdf(), Buffer.from('<html><script>alert(1)</script>')]))).toBe(
      'application/pdf',
    );
    expect(await typeOf('<html><!--\n%PDF-1.4\n-->')).toBe('text/html');
  });

  it('takes a script dressed up as a GIF for text', async () => {
    expect(await typeOf('GIF89a=1;alert(document.domain)')).toBe('text/plain');
  });
});

/** So little repeats in it that a zip of it fills the head. */
function noise(length: number): string {
  const random = randomNumbers(1);
  return Array.from({ length }, () => String.fromCharCode(0x21 + random(94))).join('');
}
