import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { ZipFile } from 'yazl';
import { randomNumbers } from '../../random.js';

export type PictureFormat = 'png' | 'jpeg' | 'webp' | 'avif' | 'gif' | 'tiff';

/** A small square picture, the same each time, with so much noise that it does not shrink to nothing. */
export function picture(format: PictureFormat, size = 24): Promise<Buffer> {
  const random = randomNumbers(1);
  const pixels = Buffer.from(Array.from({ length: size * size * 3 }, () => random(256)));
  return sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
    .toFormat(format)
    .toBuffer();
}

/** A zip with these entries, in this order. */
export async function zip(entries: Readonly<Record<string, string>>): Promise<Buffer> {
  const archive = new ZipFile();
  const options = { mtime: new Date(2026, 0) };
  for (const [name, content] of Object.entries(entries)) archive.addBuffer(Buffer.from(content), name, options);
  archive.end();
  return buffer(archive.outputStream);
}

export function pdf(): Buffer {
  const objects = [
    '1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj',
    '2 0 obj <</Type /Pages /Kids [] /Count 0>> endobj',
  ];
  return Buffer.from(
    `%PDF-1.4\n%\u00e2\u00e3\u00cf\u00d3\n${objects.join('\n')}\ntrailer <</Root 1 0 R>>\n%%EOF\n`,
    'latin1',
  );
}

export function gzip(): Buffer {
  return gzipSync('something to pack'.repeat(20));
}

/** As Word writes it: the list of types comes first. */
export const DOCX = {
  '[Content_Types].xml':
    '<?xml version="1.0"?><Types><Override PartName="/word/document.xml" ' +
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
  'word/document.xml': '<w:document/>',
};

export const ODT = { mimetype: 'application/vnd.oasis.opendocument.text', 'content.xml': '<office:document-content/>' };
