import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { BaseTool, ToolError, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { gzipped } from './deflate.ts';
import { FileNames } from './file.names.ts';
import { MAX_OUTPUTS, MAX_ZIP_BYTES } from './limits.ts';
import { tarred } from './tar.writer.ts';
import { type Packed, tooLarge, writeZip } from './zip.writer.ts';

const CHUNK_BYTES = 256 * 1024;
const USUAL_LEVEL = { deflate: 6, zstd: 3 };

const options = z.strictObject({
  format: z
    .enum(['zip', 'tar', 'tar.gz', 'tar.zst', 'gz', 'zst'])
    .default('zip')
    .describe('Format of the archive. In gz and zst there is one file only, and its name is that of the archive.'),
  level: z
    .int()
    .min(1)
    .max(9)
    .optional()
    .describe(
      'How hard to compress: 1 is fast, 9 makes small. By default 6, with Zstandard 3. In tar it means nothing.',
    ),
  name: z
    .string()
    .min(1)
    .max(100)
    .default('archive')
    .describe('Name of the archive, to which its extension is added. In gz and zst the name of the file counts.'),
});

type Options = z.output<typeof options>;

export default class ArchiveCreate extends BaseTool<typeof options> {
  readonly name = 'archive-create';
  readonly title = 'Create an archive';
  readonly description =
    'Packs files into one ZIP, tar, tar.gz or tar.zst archive, or compresses a single file as gzip or Zstandard. Files with ' +
    'equal names are numbered. The same files make the same archive, to the byte, because no times are kept in it.';
  override readonly category = 'archive';
  override readonly keywords = ['zip', 'compress', 'pack', 'bundle', 'tar', 'gzip', 'zstd'];
  readonly inputFormats = ['*/*'];
  readonly outputFormats = ['application/zip', 'application/x-tar', 'application/gzip', 'application/zstd'];
  readonly options = options;
  override readonly limits = {
    totalMs: 1_800_000,
    idleMs: 300_000,
    memoryMb: 384,
    maxInputs: MAX_OUTPUTS,
    maxInputBytes: MAX_ZIP_BYTES,
    maxOutputBytes: MAX_ZIP_BYTES,
  };
  override readonly deterministic = true;

  override validate({ inputs, options: { format } }: ToolRun<Options>): void {
    if (inputs.length === 0) throw new ToolError('files_missing', 'There are no files to pack.');
    if (inputs.length > 1 && isSingle(format)) {
      throw new ToolError('one_file_only', `In the format ${format} there is one file only. Choose tar.${format}.`);
    }
  }

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const { inputs, options, signal } = run;
    const names = new FileNames();
    const files = inputs.map(({ path, name }) => ({ path, name: names.add(name) }));
    const path = join(run.workspace, 'archive');
    const advance = meter(run);
    if (options.format === 'zip') await writeZip(path, files, options.level ?? USUAL_LEVEL.deflate, signal, advance);
    else await pipeline(streamOf(run, files, advance), limited, createWriteStream(path, { flags: 'wx' }), { signal });
    return {
      outputs: [{ path, name: nameOf(options, files) }],
      data: { format: options.format, files: files.map(({ name }) => name) },
    };
  }
}

function isSingle(format: Options['format']): boolean {
  return format === 'gz' || format === 'zst';
}

function nameOf({ format, name }: Options, [first]: readonly Packed[]): string {
  return `${isSingle(format) ? first?.name : new FileNames().add(name)}.${format}`;
}

/** Progress by bytes over all files. */
function meter({ inputs, progress }: ToolRun<Options>): (bytes: number) => void {
  const total = inputs.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  return (bytes) => {
    done += bytes;
    progress(total === 0 ? 1 : Math.min(done / total, 1));
  };
}

/** The bytes of an archive of any format but ZIP. */
function streamOf(run: ToolRun<Options>, files: readonly Packed[], advance: (bytes: number) => void) {
  const { signal, options } = run;
  const { format, level } = options;
  const bytes = isSingle(format) ? contentOf(files, signal, advance) : tarred(files, signal, advance);
  if (format === 'tar') return bytes;
  if (format.endsWith('gz')) return gzipped(bytes, level ?? USUAL_LEVEL.deflate);
  return zstandard(bytes, level ?? USUAL_LEVEL.zstd, signal);
}

async function* contentOf(
  [file]: readonly Packed[],
  signal: AbortSignal,
  advance: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  const chunks: AsyncIterable<Buffer> = createReadStream(file?.path ?? '', { highWaterMark: CHUNK_BYTES, signal });
  for await (const chunk of chunks) {
    advance(chunk.length);
    yield chunk;
  }
}

async function* zstandard(bytes: AsyncIterable<Buffer>, level: number, signal: AbortSignal): AsyncGenerator<Buffer> {
  const parameters = { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 };
  const compressor = createZstdCompress({ params: parameters, chunkSize: CHUNK_BYTES });
  const feeding = pipeline(bytes, compressor, { signal });
  feeding.catch(() => {});
  yield* compressor;
  await feeding;
}

/** Before the platform says so in other words. */
async function* limited(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > MAX_ZIP_BYTES) throw tooLarge();
    yield chunk;
  }
}
