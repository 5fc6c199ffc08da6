import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ToolRun } from 'toolyard/sdk';
import { explained, note, nothingThere } from './failure.ts';

/** As many threads as the worker may count on; the same on each machine, because the result depends on it. */
const THREADS = '2';

const QUIET = ['-hide_banner', '-nostdin', '-v', 'error', '-y', '-threads', THREADS, '-filter_threads', THREADS];
const TELLING = ['-nostats', '-progress', 'pipe:1', '-stats_period', '0.5'];

/** Neither names of programs nor times of the clock in what is made. */
export const REPRODUCIBLE = ['-fflags', '+bitexact', '-flags:v', '+bitexact', '-flags:a', '+bitexact'];

export interface Work {
  /** What ffmpeg reads: see `source`. */
  readonly input: readonly string[];
  /** What it does with it, without the name of the file that it makes. */
  readonly output: readonly string[];
  /** Name of the file in the workspace. */
  readonly file: string;
  /** Seconds of the result, for the progress; unknown where the file does not tell. */
  readonly seconds: number | undefined;
  readonly message: string;
  /** Which part of the run this is, from 0 to 1. */
  readonly share?: readonly [from: number, to: number];
}

export interface Made {
  readonly path: string;
  readonly bytes: number;
  /** Complaints about the input, which the result can show as gaps. */
  readonly warnings: number;
}

/** Makes one file, with progress. Throws ToolError when the input cannot be read, or has nothing in the part that is wanted. */
export async function ffmpeg(run: ToolRun<unknown>, work: Work): Promise<Made> {
  run.signal.throwIfAborted();
  const onLine = reporter(run, work);
  onLine('out_time_us=0');
  const args = [
    ...QUIET,
    ...TELLING,
    ...work.input,
    ...REPRODUCIBLE,
    '-threads',
    THREADS,
    ...work.output,
    `file:${work.file}`,
  ];
  const { stderr } = await explained(run.exec('ffmpeg', args, { onLine }), run);
  const path = join(run.workspace, work.file);
  const bytes = await stat(path).then(
    ({ size }) => size,
    () => 0,
  );
  if (bytes === 0 || stderr.includes('Output file is empty')) throw nothingThere();
  const complaints = stderr.split('\n').filter((line) => line.trim() !== '');
  if (complaints.length > 0) note(run, stderr);
  return { path, bytes, warnings: complaints.length };
}

function reporter(run: ToolRun<unknown>, { seconds, message, share = [0.05, 1] }: Work): (line: string) => void {
  const [from, to] = share;
  return (line) => {
    const [key, value] = line.split('=');
    if (key !== 'out_time_us') return;
    const done = seconds ? Math.min(1, Math.max(0, Number(value) / 1_000_000 / seconds)) : 0;
    run.progress(from + (to - from) * (Number.isFinite(done) ? done : 0), message);
  };
}
