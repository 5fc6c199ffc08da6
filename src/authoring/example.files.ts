import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';

/** A file on which a command is tried. */
export interface ExampleFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const TEXT = 'a black cat\na brown dog\na white cat\n';
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGNgYPjPAMT/GRj+MwBZ/wEb7AP9c7ynXwAAAABJRU5ErkJggg==';

/** Small files of our own, for commands of which only the form is known. */
const SAMPLES: Readonly<Record<string, () => Uint8Array>> = {
  '.txt': () => Buffer.from(TEXT),
  '.md': () => Buffer.from(`# Animals\n\n${TEXT}`),
  '.csv': () => Buffer.from('name,legs\ncat,4\nbird,2\n'),
  '.json': () => Buffer.from('{"name": "cat", "legs": 4}\n'),
  '.html': () => Buffer.from('<!doctype html>\n<title>Animals</title>\n<p>a black cat</p>\n'),
  '.pdf': pdf,
  '.png': () => Buffer.from(PIXEL, 'base64'),
};

/**
 * The file that a command names: as it is there, or else one of our own of that kind.
 *
 * @throws Error when there is neither
 */
export async function exampleFor(path: string): Promise<ExampleFile> {
  const name = basename(path).replaceAll(/[^\w.-]/g, '-');
  const bytes = await readFile(path).catch(() => SAMPLES[extname(path).toLowerCase()]?.());
  if (bytes === undefined) throw new Error(`There is no ${path}: name a file to try it on with --example.`);
  return { name, bytes };
}

/** One empty page, with a table of places that is right. */
function pdf(): Uint8Array {
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>',
  ];
  let text = '%PDF-1.4\n';
  const places = objects.map((object, index) => {
    const at = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(at).padStart(10, '0')} 00000 n \n`;
  });
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${places.join('')}`;
  return Buffer.from(
    `${text}${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`,
  );
}
