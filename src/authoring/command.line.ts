/** A command of somebody's terminal, taken apart: what becomes of each word when it is a tool. */
export interface CommandLine {
  readonly program: string;
  /** As they stand in a declaration. */
  readonly args: readonly string[];
  /** Paths of the files that it reads, in the order of their numbers. */
  readonly inputs: readonly string[];
  /** Name of the file that it writes; undefined: it prints its result. */
  readonly output: string | undefined;
}

const PROGRAM = /^\w[\w.+-]*$/;
/** What only a shell understands. */
const SHELL = /^(?:[|&;<>]|\d?>|&&|\|\|)|[`]|\$\(|\$\{|\$\w/;
/** A word, or the end of one such as `--file=in.pdf`, that looks like the name of a file. */
const FILE = /^(?<before>-{1,2}[\w-]+=)?(?<path>[^=\s]*[^=\s/.-][^=\s/]*\.[A-Za-z][A-Za-z0-9]{0,4})$/;

/**
 * Takes a command apart that works in a terminal. Files that are there are its inputs; the last one that is not is its
 * output, unless it is the only one.
 *
 * @param isThere whether there is a file at a path
 * @throws Error when it needs a shell, or is no command
 */
export function readCommandLine(line: string, isThere: (path: string) => boolean): CommandLine {
  const [program = '', ...words] = split(line);
  if (!PROGRAM.test(program)) throw new Error('A command begins with the name of a program, such as qpdf.');
  const files = words.flatMap((word) => FILE.exec(word)?.groups?.['path'] ?? []);
  const output = files.length > 1 ? files.findLast((path) => !isThere(path)) : undefined;
  const inputs = [...new Set(files.filter((path) => path !== output))];
  const args = words.map((word) => argumentFor(word, inputs, output));
  return { program, args, inputs, output: output === undefined ? undefined : baseName(output) };
}

function argumentFor(word: string, inputs: readonly string[], output: string | undefined): string {
  const { before = '', path } = FILE.exec(word)?.groups ?? {};
  const plain = before.replaceAll(/[{}]/g, '$&$&');
  if (path !== undefined && path === output) return `${plain}{output}`;
  const number = path === undefined ? 0 : inputs.indexOf(path) + 1;
  if (number > 0) return `${plain}${inputs.length === 1 ? '{input}' : `{input:${number}}`}`;
  return word.replaceAll(/[{}]/g, '$&$&');
}

/** Words as a shell would have them, with their quotes taken off. */
function split(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (const { 0: token } of line.matchAll(/'[^']*'|"[^"]*"|\s+|[^\s'"]+|['"]/g)) {
    if (/^\s/.test(token)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    if (token === "'" || token === '"') throw new Error('A quote in the command is never closed.');
    const isQuoted = /^['"]/.test(token);
    if (!isQuoted && SHELL.test(token))
      throw new Error(`There is no shell, so ${token} means nothing: name one program with its arguments.`);
    word = (word ?? '') + (isQuoted ? token.slice(1, -1) : token);
  }
  if (word !== undefined) words.push(word);
  return words;
}

function baseName(path: string): string {
  return path.split('/').at(-1) ?? path;
}
