import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { BaseTool, ToolError, z, type InputFile, type OutputFile, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { ARCHIVE_TYPES, openArchive } from './archive.reader.ts';
import type { Entry } from './entry.ts';
import { damaged, encrypted, quoted } from './faults.ts';
import { MAX_ENTRIES, MAX_ENTRY_BYTES, MAX_OUTPUTS, MAX_TOLD_BYTES, MAX_UNPACKED_BYTES } from './limits.ts';
import { EntryPaths } from './entry.paths.ts';
import { FileNames } from './file.names.ts';
import { meterFor } from './meter.ts';
import { readingOf } from './reading.ts';
import { tooManyEntries } from './zip.reader.ts';

const options = z.strictObject({
  only: z
    .array(z.string().min(1).max(1_000))
    .min(1)
    .max(1_000)
    .optional()
    .describe('Paths of the files to unpack; one that ends with / stands for all in that folder. Default: everything.'),
});

type Options = z.output<typeof options>;

/** A file of the archive, and the output that it became; none when it is empty, because there are no empty files here. */
interface Unpacked {
  readonly path: string;
  readonly size: number;
  readonly output: string | null;
}

export default class ArchiveExtract extends BaseTool<typeof options> {
  readonly name = 'archive-extract';
  readonly title = 'Unpack an archive';
  readonly description =
    'Unpacks ZIP, tar, tar.gz, tar.zst, gzip and Zstandard. Each file becomes an output; the data say which path in the ' +
    'archive it had. Archives that are encrypted, or made to do harm, are refused as a whole.';
  override readonly category = 'archive';
  override readonly keywords = ['unzip', 'untar', 'decompress', 'gunzip', 'zip', 'tar', 'gz', 'zstd'];
  readonly inputFormats = ARCHIVE_TYPES;
  readonly outputFormats = ['application/octet-stream'];
  readonly options = options;
  override readonly limits = { totalMs: 600_000, memoryMb: 384, maxInputs: 1, maxOutputBytes: MAX_UNPACKED_BYTES };
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const [input] = run.inputs;
    if (input === undefined) throw new ToolError('archive_missing', 'There is no archive to unpack.');
    try {
      return await new Extraction(run, input).result();
    } catch (error) {
      throw damaged(error, run.log);
    }
  }
}

class Extraction {
  private readonly run: ToolRun<Options>;
  private readonly input: InputFile;
  private readonly paths = new EntryPaths();
  private readonly names = new FileNames();
  private readonly files: Unpacked[] = [];
  private readonly outputs: OutputFile[] = [];
  private toldBytes = 0;

  constructor(run: ToolRun<Options>, input: InputFile) {
    this.run = run;
    this.input = input;
  }

  async result(): Promise<ToolResult> {
    const reading = readingOf(this.run, this.input, meterFor(this.input.size));
    const { format, entries } = await openArchive(this.input, reading);
    let count = 0;
    for await (const entry of entries) {
      this.run.signal.throwIfAborted();
      count += 1;
      if (count > MAX_ENTRIES) throw tooManyEntries();
      await this.take(entry);
    }
    if (this.run.options.only && this.files.length === 0) {
      throw new ToolError('nothing_found', 'The archive has none of the files that were asked for.');
    }
    return { outputs: this.outputs, data: { format, entries: count, files: this.files } };
  }

  private async take(entry: Entry): Promise<void> {
    const { kind } = entry;
    if (entry.encrypted) throw encrypted();
    if (kind !== 'file' && kind !== 'folder') {
      throw new ToolError(
        'entry_kind_refused',
        `The entry ${quoted(entry.path)} is a ${kind}, so nothing is unpacked.`,
      );
    }
    const path = this.paths.add(entry.path, kind);
    if (kind === 'file' && this.isWanted(path)) await this.unpack(path, entry);
  }

  private isWanted(path: string): boolean {
    const { only } = this.run.options;
    return (
      only === undefined || only.some((wanted) => path === wanted || (wanted.endsWith('/') && path.startsWith(wanted)))
    );
  }

  private async unpack(path: string, entry: Entry): Promise<void> {
    this.toldBytes += Buffer.byteLength(path);
    if (this.outputs.length === MAX_OUTPUTS || this.toldBytes > MAX_TOLD_BYTES) throw tooManyFiles();
    const place = join(this.run.workspace, String(this.files.length));
    let size = 0;
    const counted = async function* (): AsyncGenerator<Buffer> {
      for await (const chunk of entry.content()) {
        size += chunk.length;
        if (size > MAX_ENTRY_BYTES)
          throw new ToolError('entry_too_large', `The entry ${quoted(path)} has more than 1 GiB.`);
        yield chunk;
      }
    };
    await pipeline(counted, createWriteStream(place, { flags: 'wx', mode: 0o600 }), { signal: this.run.signal });
    const output = size === 0 ? null : this.names.add(path);
    if (output !== null) this.outputs.push({ path: place, name: output });
    this.files.push({ path, size, output });
  }
}

function tooManyFiles(): ToolError {
  return new ToolError(
    'too_many_files',
    `The archive has more files than one task can answer with (${MAX_OUTPUTS}, their paths together under 300 kB). ` +
      'Choose some by the option only.',
  );
}
