import { readFile } from 'node:fs/promises';
import { ToolError, type InputFile, type ToolRun } from 'toolyard/sdk';

/** Bytes in which a document says how its letters are written, by the rules of HTML. */
const PRESCAN_BYTES = 1_024;

const CHARSET = /<meta[^>]+charset\s*=\s*["']?([\w-]+)|<\?xml[^>]+encoding\s*=\s*["']([\w-]+)/i;

/** The text of the only input. A mark at its start says how it is written, or else the document does, or it is UTF-8. */
export async function readText({ inputs: [input], signal }: ToolRun): Promise<{ input: InputFile; text: string }> {
  if (input === undefined) throw new ToolError('document_missing', 'There is no document.');
  const bytes = await readFile(input.path, { signal });
  const text = decoderFor(bytes).decode(bytes);
  if (text.trim() === '') throw new ToolError('document_empty', 'There is nothing in the document.');
  return { input, text };
}

function decoderFor(bytes: Buffer): TextDecoder {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le');
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be');
  const [, html, xml] = CHARSET.exec(bytes.toString('latin1', 0, PRESCAN_BYTES)) ?? [];
  try {
    return new TextDecoder(html ?? xml ?? 'utf-8');
  } catch {
    return new TextDecoder();
  }
}
