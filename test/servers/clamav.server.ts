import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { freePort } from './free-port.ts';
import { obtainBinary } from './obtain-binary.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { TemporaryHome } from './temporary-home.ts';

/** The test file that every scanner knows (eicar.org), in two halves, so that none takes this page for it. */
export const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-', 'ANTIVIRUS-TEST-FILE!$H+H*'].join('');

export const STREAM_MAX_LENGTH = 1024 ** 2;

export interface ClamavServer {
  readonly server: ServerProcess;
  /** The same scanner by its socket. */
  readonly socketUrl: string;
}

/** Starts a clamd of one's own that knows a single signature, with the settings that docs/virus-scanning.md asks for. */
export async function startClamav(): Promise<ClamavServer> {
  const command = await obtainBinary({ name: 'clamd', server: 'ClamAV', package: 'clamav-daemon' });
  const home = await TemporaryHome.open();
  const port = await freePort();
  const database = join(home.path, 'signatures');
  await mkdir(database);
  const md5 = createHash('md5').update(EICAR).digest('hex');
  await writeFile(join(database, 'eicar.hdb'), `${md5}:${EICAR.length}:Eicar-Test-Signature\n`);
  const configuration = join(home.path, 'clamd.conf');
  const socket = join(home.path, 'clamd.sock');
  await writeFile(configuration, settings({ home: home.path, database, socket, port }));

  const server = await startServer({
    name: 'ClamAV',
    url: `tcp://127.0.0.1:${port}`,
    home,
    ownsHome: true,
    command,
    args: [`--config-file=${configuration}`],
    env: {},
    stopSignal: 'SIGTERM',
    family: true,
    answers: () => pings(port),
  });
  return { server, socketUrl: `unix://${socket}` };
}

function settings(of: { home: string; database: string; socket: string; port: number }): string {
  return [
    'Foreground yes',
    // Who starts it as root must be root: it could not read its own directory otherwise.
    ...(process.getuid?.() === 0 ? ['User root'] : []),
    `DatabaseDirectory ${of.database}`,
    `TemporaryDirectory ${of.home}`,
    `LocalSocket ${of.socket}`,
    'TCPAddr 127.0.0.1',
    `TCPSocket ${of.port}`,
    `StreamMaxLength ${STREAM_MAX_LENGTH}`,
    'AlertExceedsMax yes',
    'AlertEncrypted yes',
    'MaxThreads 2',
    '',
  ].join('\n');
}

async function pings(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  socket.setTimeout(2_000, () => socket.destroy());
  socket.end('zPING\0');
  return (await text(socket)) === 'PONG\0';
}
