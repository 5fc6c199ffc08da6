import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A server that takes mail over SMTP (RFC 5321) and keeps it, with nothing that is not needed for that. */
export interface LetterBox extends AsyncDisposable {
  readonly url: string;
  /** Whole letters with their headers, in the order in which they came. */
  readonly letters: readonly string[];
  /** To whom each was to be brought, as the envelope says. */
  readonly recipients: readonly string[];
  /** From now on each letter is refused. */
  refuse(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function openLetterBox(): Promise<LetterBox> {
  const letters: string[] = [];
  const recipients: string[] = [];
  let refusing = false;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).write('220 box\r\n');
    let text = '';
    let inLetter = false;
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      for (
        let end = text.indexOf(inLetter ? '\r\n.\r\n' : '\r\n');
        end >= 0;
        end = text.indexOf(inLetter ? '\r\n.\r\n' : '\r\n')
      ) {
        const line = text.slice(0, end);
        text = text.slice(end + (inLetter ? 5 : 2));
        if (inLetter) letters.push(line);
        else if (line.startsWith('RCPT TO:')) recipients.push(line.slice('RCPT TO:'.length));
        inLetter = !inLetter && line === 'DATA' && !refusing;
        socket.write(answer(line, inLetter, refusing));
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    letters,
    recipients,
    refuse: () => (refusing = true),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function answer(line: string, beginsLetter: boolean, refusing: boolean): string {
  if (beginsLetter) return '354 go on\r\n';
  if (line === 'DATA' && refusing) return '550 not wanted\r\n';
  return line === 'QUIT' ? '221 bye\r\n' : '250 ok\r\n';
}
