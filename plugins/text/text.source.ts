import { readFile } from 'node:fs/promises';
import { ToolError, z, type InputFile, type ToolRun } from 'toolyard/sdk';

/** The one file that a tool is given. */
export interface Source {
  readonly bytes: Buffer;
  /** Its name without the extension, for that of the result. */
  readonly stem: string;
}

const ENCODINGS = [
  'auto',
  'utf-8',
  'utf-16le',
  'utf-16be',
  'windows-1252',
  'iso-8859-1',
  'iso-8859-15',
  'windows-1250',
  'windows-1251',
  'koi8-r',
  'shift_jis',
  'euc-jp',
  'gb18030',
  'big5',
  'euc-kr',
] as const;

export const encodingOption = z
  .enum(ENCODINGS)
  .default('auto')
  .describe('Encoding of the file. auto takes UTF-8, and UTF-16 with a byte order mark. Results are always UTF-8.');

/** @throws ToolError `text_missing` */
export async function sourceOf({ inputs: [input], signal }: ToolRun<object>): Promise<Source> {
  if (input === undefined) throw new ToolError('text_missing', 'There is no text.');
  return { bytes: await readFile(input.path, { signal }), stem: stemOf(input) };
}

function stemOf({ name }: InputFile): string {
  return name.replace(/\.[^.]{1,20}$/, '') || 'text';
}

/** @throws ToolError `encoding_unknown` */
export function decoded(bytes: Uint8Array, encoding: (typeof ENCODINGS)[number]): string {
  try {
    return new TextDecoder(encoding === 'auto' ? marked(bytes) : encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new ToolError(
      'encoding_unknown',
      encoding === 'auto'
        ? 'The text is not UTF-8. Say its encoding by the option encoding.'
        : `The text is not ${encoding}.`,
    );
  }
}

/** The encoding that a byte order mark tells, or else UTF-8. */
function marked([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}
