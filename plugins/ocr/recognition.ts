import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ToolRun } from 'toolyard/sdk';
import { runProgram } from './failure.ts';
import type { Picture } from './source.ts';

// With several threads a page takes three times as much of the processors, and is not done sooner.
// oxlint-disable-next-line node/no-process-env -- It is told to programs, and nothing is read.
Object.assign(process.env, { OMP_THREAD_LIMIT: '1' });

/** How tesseract takes a page apart; see `tesseract --help-psm`. */
export const LAYOUTS = { auto: 3, column: 4, block: 6, line: 7, sparse: 11 } as const;

export interface Reading {
  readonly languages: readonly string[];
  readonly layout: keyof typeof LAYOUTS;
  /** What the document of a page has: only the letters, without ink, or the picture, too. Undefined: none is made. */
  readonly document: 'letters' | 'picture' | undefined;
}

/** What was recognised on a page. */
export interface Recognised {
  readonly text: string;
  /** XHTML with the place of each word, in the words of http://kba.github.io/hocr-spec/1.2/. */
  readonly hocr: string;
  /** Absolute path of a document of one page. */
  readonly document: string | undefined;
}

/** @param name of the files that are made, unique in the run */
export async function recognise(run: ToolRun, picture: Picture, name: string, reading: Reading): Promise<Recognised> {
  const { languages, layout, document } = reading;
  const base = join(run.workspace, name);
  await runProgram(run, 'tesseract', [
    picture.path,
    name,
    '-l',
    languages.join('+'),
    '--psm',
    String(LAYOUTS[layout]),
    ...(picture.dpi === undefined ? [] : ['--dpi', String(picture.dpi)]),
    ...(document === 'letters' ? ['-c', 'textonly_pdf=1'] : []),
    'txt',
    'hocr',
    ...(document === undefined ? [] : ['pdf']),
  ]);
  const text = await take(`${base}.txt`);
  const hocr = await take(`${base}.hocr`);
  if (picture.temporary) await rm(join(run.workspace, picture.path));
  return { text, hocr, document: document === undefined ? undefined : `${base}.pdf` };
}

/** Reads a file that tesseract wrote, and removes it. */
async function take(path: string): Promise<string> {
  // Where it cannot write, tesseract ends as if it had. Then this fails as it should have, and else there is a file.
  await (await open(path, 'a')).close();
  const text = await readFile(path, 'utf8');
  await rm(path);
  return text;
}
