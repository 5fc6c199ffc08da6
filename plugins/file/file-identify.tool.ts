import { fileTypeFromFile, type FileTypeResult } from 'file-type';
import { BaseTool, z, type InputFile, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { MAX_INPUT_BYTES } from './limits.ts';

/** Text has no magic number; its type comes with the input, and the extension from here. */
const TEXT_EXTENSIONS: Readonly<Record<string, string>> = {
  'text/plain': 'txt',
  'text/csv': 'csv',
  'text/html': 'html',
  'application/json': 'json',
  'application/xml': 'xml',
  'image/svg+xml': 'svg',
};

const options = z.strictObject({});

export default class FileIdentify extends BaseTool<typeof options> {
  readonly name = 'file-identify';
  readonly title = 'Identify files';
  readonly description =
    'Says what each file is, judged by its bytes and not by its name: MIME type, usual extension, size.';
  override readonly category = 'file';
  override readonly keywords = ['type', 'mime', 'magic number', 'detect', 'extension'];
  readonly inputFormats = ['*/*'];
  readonly outputFormats = [];
  readonly options = options;
  override readonly limits = { totalMs: 60_000, maxInputs: 100, maxInputBytes: MAX_INPUT_BYTES };
  override readonly deterministic = true;

  async process(run: ToolRun): Promise<ToolResult> {
    const files = [];
    for (const [index, input] of run.inputs.entries()) {
      run.progress(index / run.inputs.length);
      files.push(identify(input, await detect(input, run.signal)));
    }
    return { data: { files } };
  }
}

/** What the whole file says, where the input's own type was judged by its beginning. */
async function detect({ path }: InputFile, signal: AbortSignal): Promise<FileTypeResult | undefined> {
  try {
    return await fileTypeFromFile(path, { signal, maxBufferSize: 1024 ** 2 });
  } catch (error) {
    signal.throwIfAborted();
    const unreadable = error instanceof Error && 'syscall' in error;
    if (unreadable) throw error;
    return undefined;
  }
}

function identify({ name, size, type }: InputFile, found: FileTypeResult | undefined): object {
  // SVG is XML too, and the input's type knows it better.
  if (found !== undefined && found.mime !== 'application/xml') {
    return { name, type: found.mime, extension: found.ext, size };
  }
  return { name, type, extension: TEXT_EXTENSIONS[type] ?? null, size };
}
