import { constants, lstatSync, mkdirSync, readdirSync, type Stats } from 'node:fs';
import { lstat, mkdir, open, realpath, rm, writeFile } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { Problem } from '../errors/problem.js';
import type { InputFile, OutputFile } from '../sdk/index.js';
import type { Slot } from './slot.js';

const MAX_OUTPUTS = 1_000;

const PRIVATE = 0o700;

/** Outputs are read to be stored, and each chunk costs two hops between threads. */
const READ_BUFFER_BYTES = 1024 ** 2;

/** A disk that is nearly full has some blocks left. */
const ROOM_BYTES = 64 * 1024;

/** A file that a run is given. */
export interface GivenFile extends Omit<InputFile, 'path'> {
  /** What its source knows it by. */
  readonly file_id: string;
}

/** Who has the bytes of what runs are given. */
export interface FileSource {
  /** @param shared whether a link to the bytes themselves will do, because nobody can write to it */
  link(id: string, path: string, shared: boolean): Promise<void>;
}

/** The place of an output: its bytes are read once, and counted while they are. */
export interface FoundOutput {
  readonly name: string;
  readonly size: number;
  /**
   * Each chunk is overwritten by the next: whoever keeps one copies it.
   *
   * @throws Problem `output_invalid` when it is not the file any more that was looked at
   */
  chunks(): AsyncIterable<Buffer>;
}

/** The directories of one run: inputs, which the tool only reads, and a private one to write in. Always emptied. */
export class Workspace implements AsyncDisposable {
  private staged = false;

  /** Absolute; what the tool is given to write in. */
  readonly path: string;
  private readonly inputs: string;

  /** @param name unique in the slot */
  constructor(
    private readonly slot: Slot,
    name: string,
  ) {
    this.path = slot.workspace;
    this.inputs = join(slot.directory, 'in', name);
  }

  /**
   * Lays the inputs out, under names that nobody chose. Where the child can write to nothing of `in`, they are links
   * to the stored bytes themselves; elsewhere copies, so that no tool can change what is stored.
   */
  async stage(files: FileSource, inputs: readonly GivenFile[]): Promise<InputFile[]> {
    if (inputs.length === 0) return [];
    this.staged = true;
    // A local directory is made in less time than it takes to hand the work to another thread.
    mkdirSync(this.inputs, { mode: PRIVATE });
    const laying = inputs.map(async ({ file_id, name, type, size }, index) => {
      const path = join(this.inputs, String(index));
      await files.link(file_id, path, this.slot.readOnlyInputs);
      return { path, name, type, size };
    });
    // When one fails the directory is removed, and none of the others may still be writing to it.
    await Promise.allSettled(laying);
    return Promise.all(laying);
  }

  /**
   * Looks at what the tool says it made. Nothing is believed: an output must be a regular file of its own inside the
   * workspace, no link and no device, and all of them together must not be larger than `maxBytes`.
   *
   * @throws Problem `output_invalid` or `output_too_large`
   */
  async outputs(claimed: readonly OutputFile[], maxBytes: number): Promise<FoundOutput[]> {
    if (claimed.length > MAX_OUTPUTS)
      throw new Problem('output_too_large', `The tool made more than ${MAX_OUTPUTS} files.`);
    const found = await Promise.all(claimed.map((output) => this.look(output)));
    const bytes = found.reduce((sum, { size }) => sum + size, 0);
    if (bytes > maxBytes)
      throw new Problem('output_too_large', `The tool made ${bytes} bytes; ${maxBytes} are allowed.`);
    return found;
  }

  /**
   * Rejects with ENOSPC and the like when nothing can be written beside what the run has written. Whatever the tool said
   * then, it may be the disk that is at fault.
   */
  async checkRoom(): Promise<void> {
    const probe = `${this.inputs}.room`;
    try {
      await writeFile(probe, Buffer.alloc(ROOM_BYTES), { flag: 'wx', mode: 0o600 });
    } finally {
      await rm(probe, { force: true });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!isUntouched(this.path)) await makeAnew(this.path);
    if (this.staged) await rm(this.inputs, { recursive: true, force: true });
  }

  private async look({ path, name = basename(path) }: OutputFile): Promise<FoundOutput> {
    const real = await realpath(path).catch(() => undefined);
    if (!real?.startsWith(this.path + sep)) throw invalid('The tool names an output that is not in its workspace.');
    const seen = await lstat(path);
    if (!seen.isFile()) throw invalid('The tool names an output that is not a regular file.');
    if (seen.nlink > 1) throw invalid('The tool names an output that is a link to another file.');
    return { name, size: seen.size, chunks: () => chunksOf(real, seen) };
  }
}

function invalid(message: string): Problem {
  return new Problem('output_invalid', message);
}

/** The tool may still run and swap the file, or a directory above it, so it must be the very file that was looked at. */
async function* chunksOf(path: string, seen: Stats): AsyncGenerator<Buffer> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const { dev, ino, nlink } = await file.stat();
  if (dev !== seen.dev || ino !== seen.ino || nlink !== 1)
    throw invalid('The tool changed an output after it had answered.');
  const buffer = Buffer.allocUnsafe(Math.min(Math.max(seen.size, 1), READ_BUFFER_BYTES));
  for (;;) {
    const { bytesRead } = await file.read(buffer);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Many tools leave nothing, and looking costs less than to remove a directory and to make it again. */
function isUntouched(path: string): boolean {
  try {
    const { mode } = lstatSync(path);
    return mode === (constants.S_IFDIR | PRIVATE) && readdirSync(path).length === 0;
  } catch {
    return false;
  }
}

async function makeAnew(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { mode: PRIVATE });
}
