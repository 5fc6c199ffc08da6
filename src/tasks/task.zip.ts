import { PassThrough, type Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { TaskFile } from './task.entity.js';

/**
 * A zip of the files, made while it is read: nothing is stored, and no file is opened before its turn comes.
 * Types that are compressed already are stored as they are.
 */
export function zipOf(files: readonly TaskFile[], open: (file: TaskFile) => Promise<Readable>): Readable {
  const zip = new ZipFile();
  const archive = new PassThrough();
  const fail = (error: unknown): void => void archive.destroy(error instanceof Error ? error : undefined);
  zip.on('error', fail);
  zip.outputStream.pipe(archive);
  let current: Readable | undefined;
  archive.once('close', () => current?.destroy());
  /** Nobody else listens to the file that is read, or closes it when the reader of the zip goes away. */
  const watched = (stream: Readable): Readable => {
    current = stream.once('error', fail);
    return archive.destroyed ? stream.destroy() : stream;
  };
  const names = distinct(files.map(({ name }) => name));
  files.forEach((file, index) => {
    zip.addReadStreamLazy(
      names[index] ?? file.file_id,
      { compress: isCompressible(file.type), size: file.size },
      (found) => {
        open(file).then((stream) => found(null, watched(stream)), fail);
      },
    );
  });
  zip.end();
  return archive;
}

/** `a.png`, `a.png` becomes `a.png`, `a (2).png`; names that differ only in case count as the same. */
function distinct(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let candidate = name;
    for (let number = 2; taken.has(candidate.toLowerCase()); number++) candidate = numbered(name, number);
    taken.add(candidate.toLowerCase());
    return candidate;
  });
}

function numbered(name: string, number: number): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? `${name.slice(0, dot)} (${number})${name.slice(dot)}` : `${name} (${number})`;
}

function isCompressible(type: string): boolean {
  return /^text\/|[/+](json|xml)$|^image\/(bmp|svg|tiff)/.test(type);
}
