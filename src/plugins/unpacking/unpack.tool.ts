import { createReadStream, createWriteStream, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Extract, type Header } from 'tar-stream';
import { BaseTool, ToolError, type ToolRun, z } from 'toolyard/sdk';

const TOP = 'package/';
const SMALL_BYTES = 1024 ** 2;
const count = (what: string) => z.int().positive().describe(what);

const options = z.object({
  bytes: count('Bytes of all files.'),
  fileBytes: count('Bytes of one file.'),
  files: count('Files.'),
  ratio: count('Unpacked bytes for each packed one.'),
  path: count('Characters of a path.'),
});

type Limits = z.output<typeof options>;

/**
 * Unpacks the tarball of a package into its workspace: plain files only, below `package`, and no more than it is told.
 * No user can name this tool: the platform runs it in a child of its own, because tarballs come from strangers.
 */
export default class UnpackTool extends BaseTool<typeof options> {
  override readonly name = 'plugin-unpack';
  override readonly title = 'Unpack a package';
  override readonly description = 'Unpacks the tarball of a plugin.';
  override readonly inputFormats = ['application/gzip'];
  override readonly outputFormats = [];
  override readonly options = options;

  override async process({ inputs: [tarball], options: limits, workspace, signal }: ToolRun<Limits>) {
    if (!tarball) throw refused('There is no tarball.');
    const archive = extract();
    const most = Math.min(limits.bytes, tarball.size * limits.ratio);
    const reading = pipeline(createReadStream(tarball.path), createGunzip(), atMost(2 * most), archive, { signal });
    try {
      await Promise.all([writeAll(archive, workspace, { ...limits, bytes: most }), reading]);
    } catch (error) {
      archive.destroy();
      throw error instanceof ToolError ? error : refused('It is no tarball, or it is damaged.');
    }
    return {};
  }
}

type Entry = Extract extends AsyncIterable<infer Found> ? Found : never;

async function writeAll(archive: Extract, workspace: string, limits: Limits): Promise<void> {
  const taken = new Set<string>();
  const made = new Set<string>();
  let bytes = 0;
  for await (const entry of archive) {
    if (entry.header.type === 'directory') {
      entry.resume();
      continue;
    }
    const path = safePath(entry.header, limits);
    takeName(path, taken);
    if (taken.size > limits.files) throw refused(`It has more than ${limits.files} files.`);
    const target = join(workspace, TOP, path);
    if (!made.has(dirname(target))) await mkdir(dirname(target), { recursive: true });
    made.add(dirname(target));
    const room = Math.min(limits.fileBytes, limits.bytes - bytes);
    bytes += await write(entry, target, room);
  }
  if (taken.size === 0) throw refused('It is empty.');
}

/** The path below `package/`, when it is one that means the same everywhere. */
function safePath({ name, type }: Header, { path: longest }: Limits): string {
  if (type !== 'file') throw refused(`${shown(name)} is no plain file: links and devices are not taken.`);
  if (!name.startsWith(TOP)) throw refused(`${shown(name)} does not lie in package/.`);
  const path = name.slice(TOP.length);
  const parts = path.split('/');
  const isPlain = parts.every((part) => part !== '' && part !== '.' && part !== '..' && !/[. ]$/.test(part));
  if (!isPlain || path.length > longest || /[\\:*?"<>|\p{Cc}]/u.test(path) || !path.isWellFormed())
    throw refused(`${shown(name)} is not a path that is taken.`);
  return path;
}

/** On some machines two such names would be one file; a file and a folder cannot have the same name anywhere. */
function takeName(path: string, taken: Set<string>): void {
  const key = path.normalize('NFC').toLowerCase();
  if (taken.has(key)) throw refused(`${shown(path)} is there twice.`);
  taken.add(key);
}

async function write(entry: Entry, path: string, room: number): Promise<number> {
  if (entry.header.size > room) throw refused('It is too large when it is unpacked.');
  if (entry.header.size > SMALL_BYTES) return stream(entry, path, room);
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry) if (chunk instanceof Uint8Array) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  // Nothing else goes on in this process, and thousands of small files are quicker this way.
  writeFileSync(path, bytes, { flag: 'wx', mode: 0o600 });
  return bytes.length;
}

async function stream(entry: Entry, path: string, room: number): Promise<number> {
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(bytes > room ? refused('It is too large when it is unpacked.') : null, chunk);
    },
  });
  await pipeline(entry, counted, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
  return bytes;
}

/** Also of what lies between files. */
function atMost(most: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(bytes > most + 2 ** 20 ? refused('It is too large when it is unpacked.') : null, chunk);
    },
  });
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 100));
}

function refused(reason: string): ToolError {
  return new ToolError('package_refused', reason);
}
