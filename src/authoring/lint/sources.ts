import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

const SKIPPED = /(^|\/)(node_modules|\.[^/]*)(\/|$)/;
const CODE = /(?<!\.d)\.(ts|mts|js|mjs)$/;
const DECLARED = /\.tool\.ya?ml$/;

/** A file of the plugin in which something can be used. */
export interface Source {
  /** In the plugin's folder, with `/`. */
  readonly file: string;
  readonly text: string;
  /** The text with blanks where comments are, so that lines stay what they are. */
  readonly code: string;
  /** The code with blanks in its strings, too; templates stay, because code can be in them. */
  readonly bare: string;
}

/** All that a linter reads of a plugin; none of its code runs. */
export interface Folder {
  /** Absolute path. */
  readonly path: string;
  /** Its own files, with `/`, sorted. */
  readonly files: readonly string[];
  readonly sources: readonly Source[];
  /** The text of package.json; empty when there is none. */
  readonly manifest: string;
  /** Null when there is none. */
  readonly readme: string | null;
}

export async function readFolder(path: string): Promise<Folder> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(path, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((file) => !SKIPPED.test(file))
    .toSorted();
  const read = (file: string) => readFile(join(path, file), 'utf8');
  const named = files.filter((file) => CODE.test(file) || DECLARED.test(file));
  const sources = await Promise.all(named.map(async (file) => sourceOf(file, await read(file))));
  return {
    path,
    files,
    sources,
    manifest: await read('package.json').catch(() => ''),
    readme: await read('README.md').catch(() => null),
  };
}

function sourceOf(file: string, text: string): Source {
  const code = CODE.test(file) ? withoutComments(text) : text.replaceAll(/(^|\s)#.*$/gm, '$1');
  return { file, text, code, bare: CODE.test(file) ? withoutStrings(code) : '' };
}

/** Strings are passed over, so that an address in one is no comment. A quote in a regular expression ends with its line. */
const PIECE = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'?|"(?:\\.|[^"\\\n])*"?|`(?:\\[\s\S]|[^`\\])*`?/g;

function withoutComments(text: string): string {
  return text.replaceAll(PIECE, (piece) => (/^\/[*/]/.test(piece) ? blank(piece) : piece));
}

function withoutStrings(code: string): string {
  return code.replaceAll(PIECE, (piece) => (/^['"]/.test(piece) ? blank(piece) : piece));
}

function blank(piece: string): string {
  return piece.replaceAll(/[^\n]/g, ' ');
}
