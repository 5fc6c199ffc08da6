import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../servers/free-port.ts';
import { obtainBinary } from '../../servers/obtain-binary.ts';
import { type ServerProcess, startServer } from '../../servers/server-process.ts';
import { TemporaryHome } from '../../servers/temporary-home.ts';

/** The example of docs/plugins/remote.md. */
export const EXAMPLE = fileURLToPath(new URL('../../../docs/plugins/examples/text-words', import.meta.url));
export const SECRET = 'a word between two';

/** The service of the example, in Python, on a free port. */
export async function startWords(): Promise<ServerProcess> {
  const python = await obtainBinary({ name: 'python3', server: 'Python', package: 'python3' });
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const home = await TemporaryHome.open();
  return startServer({
    name: 'the service in Python',
    url,
    home,
    ownsHome: true,
    command: python,
    args: [join(EXAMPLE, 'service.py')],
    env: { PORT: String(port), WORDS_SECRET: SECRET, PATH: process.env['PATH'] ?? '', TMPDIR: home.path },
    stopSignal: 'SIGTERM',
    family: false,
    answers: async () =>
      (await fetch(`${url}/describe`, { headers: { authorization: `Bearer ${SECRET}` } })).status === 200,
  });
}

/** The declaration of the example, for the service at this URL. */
export async function wordsDeclaration(url: string): Promise<string> {
  return (await readFile(join(EXAMPLE, 'text-words.tool.yaml'), 'utf8')).replace('http://localhost:8090', url);
}
