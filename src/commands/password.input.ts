import { createInterface, type Interface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/**
 * A password from whoever gave the command: typed twice and shown nowhere, or, where the standard input is not a
 * terminal, its first line. On the command line it would stand in the list of processes, and in the history.
 */
export async function readPassword(): Promise<string> {
  const { stdin, stderr } = process;
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: stdin, output: silence, terminal: stdin.isTTY });
  try {
    if (!stdin.isTTY) return await firstLine(terminal);
    const [once, again] = [await ask(terminal, stderr, 'Password: '), await ask(terminal, stderr, 'Once more: ')];
    if (once !== again) throw new Error('The two are not the same.');
    return once;
  } finally {
    terminal.close();
  }
}

/** A secret that is known already, so that once is enough: shown nowhere, or the first line of the standard input. */
export async function readSecret(question: string): Promise<string> {
  const { stdin, stderr } = process;
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: stdin, output: silence, terminal: stdin.isTTY });
  try {
    return (stdin.isTTY ? await ask(terminal, stderr, question) : await firstLine(terminal)).trim();
  } finally {
    terminal.close();
  }
}

async function ask(terminal: Interface, screen: Writable, question: string): Promise<string> {
  screen.write(question);
  const answer = await terminal.question('');
  screen.write('\n');
  return answer;
}

async function firstLine(lines: Interface): Promise<string> {
  for await (const line of lines) return line;
  throw new Error('Nothing came by the standard input.');
}
