import type { InputFile, ToolRun } from 'toolyard/sdk';
import type { Reading } from './entry.ts';

/** Reads an archive for a run: progress is how much of the archive has been read. */
export function readingOf(run: ToolRun<object>, { size }: InputFile, onUnpacked: Reading['onUnpacked']): Reading {
  let read = 0;
  const onRead = (bytes: number): void => {
    read += bytes;
    run.progress(Math.min(read / size, 1));
  };
  return { signal: run.signal, onRead, onUnpacked };
}
