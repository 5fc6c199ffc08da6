import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './free-port.ts';
import { obtainBinary } from './obtain-binary.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { TemporaryHome } from './temporary-home.ts';

/** Enough for every test file to have its own; Redis only reserves a few bytes for each. */
const DATABASES = 1_024;

export interface RedisOptions {
  /** Whether data survive `kill()`. Default: true, as Toolyard asks of its Redis. */
  readonly appendOnly?: boolean;
  /** Lines of redis.conf, after all others. */
  readonly more?: readonly string[];
}

export function obtainRedis(): Promise<string> {
  return obtainBinary({
    name: 'redis-server',
    server: 'Redis',
    package: 'redis-server',
    variable: 'TEST_REDIS_URL',
  });
}

/** Starts a Redis of one's own on a free loopback port, with a password, that keeps everything and evicts nothing. */
export async function startRedis({ appendOnly = true, more = [] }: RedisOptions = {}): Promise<ServerProcess> {
  const command = await obtainRedis();
  const home = await TemporaryHome.open();
  const [port, password] = [await freePort(), randomBytes(16).toString('hex')];
  const configuration = join(home.path, 'redis.conf');
  await writeFile(configuration, settings({ home: home.path, port, password, appendOnly, more }), { mode: 0o600 });

  const url = `redis://:${password}@127.0.0.1:${port}`;
  return startServer({
    name: 'Redis',
    url,
    home,
    ownsHome: true,
    command,
    args: [configuration],
    env: {},
    stopSignal: 'SIGTERM',
    family: true,
    answers: () => pings(url),
  });
}

function settings(of: { home: string; port: number; password: string } & Required<RedisOptions>): string {
  return [
    'bind 127.0.0.1',
    `port ${of.port}`,
    `requirepass ${of.password}`,
    `dir "${of.home}"`,
    `databases ${DATABASES}`,
    'save ""',
    `appendonly ${of.appendOnly ? 'yes' : 'no'}`,
    'maxmemory-policy noeviction',
    ...of.more,
    '',
  ].join('\n');
}

async function pings(url: string): Promise<boolean> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  redis.on('error', () => {});
  try {
    await redis.connect();
    return (await redis.ping()) === 'PONG';
  } finally {
    // Disconnecting what was refused would leave a timer of two seconds, for which the process would have to wait.
    if (redis.status !== 'end') redis.disconnect();
  }
}
