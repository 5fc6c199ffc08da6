import { open } from 'node:fs/promises';
import { type Document, LineCounter, parseDocument } from 'yaml';

export interface ReadYaml {
  readonly document: Document;
  readonly lines: LineCounter;
}

/** Why a file is no YAML that can be used, in a sentence without a full stop; and on which line, when there is one. */
export class YamlFault extends Error {
  override readonly name = 'YamlFault';

  constructor(
    message: string,
    readonly line: number | null = null,
  ) {
    super(message);
  }
}

/** Reads a file of the plugin as YAML 1.2 with its core types only. @throws YamlFault */
export async function readYamlDocument(path: string, maxBytes: number): Promise<ReadYaml> {
  const lines = new LineCounter();
  const text = await readText(path, maxBytes);
  const document = parseDocument(text, { lineCounter: lines, schema: 'core', version: '1.2', prettyErrors: false });
  // A tag that is not known is only a warning, and its value a text.
  const [fault] = [...document.errors, ...document.warnings];
  if (fault) throw new YamlFault(fault.message.split('\n', 1)[0] ?? '', lines.linePos(fault.pos[0]).line);
  return { document, lines };
}

async function readText(path: string, maxBytes: number): Promise<string> {
  await using file = await open(path);
  const buffer = Buffer.alloc(maxBytes + 1);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
  if (bytesRead > maxBytes) throw new YamlFault(`The file is larger than ${maxBytes / 1024} KiB`);
  return buffer.toString('utf8', 0, bytesRead);
}
