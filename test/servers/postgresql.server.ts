import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { obtainBinary } from './obtain-binary.ts';
import { queryPostgresql } from './postgresql.client.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { TemporaryHome } from './temporary-home.ts';

const run = promisify(execFile);

const ENVIRONMENT = { LC_ALL: 'C', TZ: 'UTC' };
/**
 * What is committed must survive `kill()` of the processes, not of the machine: so no fsync, yet synchronous commit.
 * No Unix socket: its path would be too long in some temporary directories.
 */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  full_page_writes: 'off',
  max_connections: '300',
  shared_buffers: '32MB',
};

interface User {
  readonly uid: number;
  readonly gid: number;
}

/** The path of `initdb`; beside it, links resolved, lies `postgres`. */
export function obtainPostgresql(): Promise<string> {
  return obtainBinary({
    name: 'initdb',
    server: 'PostgreSQL',
    package: 'postgresql',
    variable: 'TEST_DATABASE_URL',
  });
}

/** Starts a PostgreSQL of one's own on a free loopback port, with a password and an empty database. */
export async function startPostgresql(): Promise<ServerProcess> {
  const initdb = await obtainPostgresql();
  const home = await TemporaryHome.open();
  const user = await unprivilegedUser();
  const [port, password] = [await freePort(), randomBytes(16).toString('hex')];
  const data = await createCluster({ initdb, home: home.path, user, password });

  const url = `postgresql://toolyard:${password}@127.0.0.1:${port}/postgres`;
  return startServer({
    name: 'PostgreSQL',
    url,
    home,
    ownsHome: true,
    command: join(dirname(await realpath(initdb)), 'postgres'),
    args: [
      '-D',
      data,
      '-p',
      String(port),
      ...Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    env: ENVIRONMENT,
    user,
    // "Fast": ends the sessions of clients instead of waiting for them.
    stopSignal: 'SIGINT',
    family: true,
    answers: async () => (await queryPostgresql(url, 'SELECT 1')).length === 1,
  });
}

interface Cluster {
  readonly initdb: string;
  readonly home: string;
  readonly user: User | undefined;
  readonly password: string;
}

async function createCluster({ initdb, home, user, password }: Cluster): Promise<string> {
  const [data, passwordFile] = [join(home, 'data'), join(home, 'password')];
  await mkdir(data, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user) {
    await chmod(home, 0o755);
    for (const path of [data, passwordFile]) await chown(path, user.uid, user.gid);
  }
  const options = [
    '--username=toolyard',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
  ];
  await run(initdb, ['-D', data, '--no-sync', ...options], { env: ENVIRONMENT, cwd: home, ...user });
  return data;
}

/** PostgreSQL refuses to run as root: then it is the user of its package, or nobody. */
async function unprivilegedUser(): Promise<User | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const found = ['postgres', 'nobody'].map((name) => users.find(([user]) => user === name)).find(Boolean);
  if (!found) throw new Error('PostgreSQL cannot run as root, and there is no user postgres or nobody.');
  return { uid: Number(found[2]), gid: Number(found[3]) };
}
