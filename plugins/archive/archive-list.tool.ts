import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BaseTool, ToolError, z, type InputFile, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { ARCHIVE_TYPES, openArchive, type Format } from './archive.reader.ts';
import type { Entry, EntryKind } from './entry.ts';
import { EntryPaths } from './entry.paths.ts';
import { damaged } from './faults.ts';
import { MAX_ENTRIES } from './limits.ts';
import { meterFor } from './meter.ts';
import { readingOf } from './reading.ts';
import { tooManyEntries } from './zip.reader.ts';

/** Entries that the answer shows itself; the file has all. */
const SHOWN = 500;
/** Characters of a path that it shows. */
const SHOWN_PATH = 500;

const options = z.strictObject({});

interface Listed {
  readonly path: string;
  readonly kind: EntryKind;
  /** Bytes, as the archive claims. */
  readonly size: number | null;
  readonly encrypted: boolean;
  /** Why archive-extract refuses it: the code of the error. */
  readonly refused: string | null;
}

export default class ArchiveList extends BaseTool<typeof options> {
  readonly name = 'archive-list';
  readonly title = 'List an archive';
  readonly description =
    'Tells what is in a ZIP, tar, tar.gz, tar.zst, gzip or Zstandard archive without unpacking it, and which entries could ' +
    'not be unpacked. The answer shows the first 500 entries; the output, a JSON file, has all.';
  override readonly category = 'archive';
  override readonly keywords = ['zip', 'tar', 'contents', 'entries', 'inspect'];
  readonly inputFormats = ARCHIVE_TYPES;
  readonly outputFormats = ['application/json'];
  readonly options = options;
  override readonly limits = { totalMs: 600_000, memoryMb: 384, maxInputs: 1, maxOutputBytes: 64 * 1024 ** 2 };
  override readonly deterministic = true;

  async process(run: ToolRun): Promise<ToolResult> {
    const [input] = run.inputs;
    if (input === undefined) throw new ToolError('archive_missing', 'There is no archive to look into.');
    try {
      return await list(run, input);
    } catch (error) {
      throw damaged(error, run.log);
    }
  }
}

async function list(run: ToolRun, input: InputFile): Promise<ToolResult> {
  const { format, entries } = await openArchive(input, readingOf(run, input, meterFor(input.size)));
  const paths = new EntryPaths();
  const listed: Listed[] = [];
  for await (const entry of entries) {
    run.signal.throwIfAborted();
    if (listed.length === MAX_ENTRIES) throw tooManyEntries();
    listed.push(await look(entry, format, paths));
  }
  const path = join(run.workspace, 'entries.json');
  await writeFile(path, JSON.stringify({ format, entries: listed }));
  return { outputs: [{ path, name: `${input.name}.entries.json` }], data: { format, ...summary(listed) } };
}

async function look(entry: Entry, format: Format, paths: EntryPaths): Promise<Listed> {
  const { path, kind, encrypted } = entry;
  // A file that is compressed alone is the only one whose size nobody claims.
  const size = format === 'gz' || format === 'zst' ? await sizeOf(entry) : entry.size;
  return { path, kind, size, encrypted, refused: refusal(entry, paths) };
}

async function sizeOf(entry: Entry): Promise<number> {
  let size = 0;
  for await (const chunk of entry.content()) size += chunk.length;
  return size;
}

function refusal({ path, kind, encrypted }: Entry, paths: EntryPaths): string | null {
  if (encrypted) return 'archive_encrypted';
  if (kind !== 'file' && kind !== 'folder') return 'entry_kind_refused';
  try {
    paths.add(path, kind);
    return null;
  } catch (error) {
    if (error instanceof ToolError) return error.code;
    throw error;
  }
}

function summary(listed: readonly Listed[]): object {
  return {
    entries: listed.length,
    files: listed.filter(({ kind }) => kind === 'file').length,
    bytes: listed.reduce((sum, { size }) => sum + (size ?? 0), 0),
    extractable: listed.every(({ refused }) => refused === null),
    shown: listed.slice(0, SHOWN).map((entry) => ({ ...entry, path: entry.path.slice(0, SHOWN_PATH) })),
  };
}
