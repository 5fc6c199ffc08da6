import { execFile } from 'node:child_process';
import { findProgram, PROGRAM_DIRECTORIES } from './bubblewrap.js';

/** Chromium takes two of them on a machine that does much else. */
const ANSWER_MS = 10_000;
const OUTPUT_BYTES = 64 * 1024;
/** Servers such as clamd are no programs that a tool may start, but tools can speak to them. */
const WITH_SERVERS = [...PROGRAM_DIRECTORIES, '/usr/local/sbin', '/usr/sbin', '/sbin'];
const VERSION = /\d+(?:\.\d+)+/;

/** How programs are asked which do not know `--version`. */
const QUESTIONS: Readonly<Record<string, string>> = {
  pdftoppm: '-v',
  pdftotext: '-v',
  pdfinfo: '-v',
  pdfimages: '-v',
  ffmpeg: '-version',
  ffprobe: '-version',
};

/** A program of this machine: null when it is there and does not say its version, undefined when it is not there. */
export async function programVersion(name: string): Promise<string | null | undefined> {
  const path = findProgram(name, WITH_SERVERS);
  if (path === undefined) return undefined;
  const { promise, resolve } = Promise.withResolvers<string>();
  const options = {
    timeout: ANSWER_MS,
    maxBuffer: OUTPUT_BYTES,
    env: { PATH: PROGRAM_DIRECTORIES.join(':') },
    cwd: '/',
  };
  // Some answer on the standard error, and some with an exit code that is not 0.
  execFile(path, [QUESTIONS[name] ?? '--version'], options, (_error, out, err) => resolve(`${out}\n${err}`));
  return VERSION.exec(await promise)?.[0] ?? null;
}
