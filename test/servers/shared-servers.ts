import { obtainPostgresql, startPostgresql } from './postgresql.server.ts';
import { obtainRedis, startRedis } from './redis.server.ts';
import type { ServerProcess } from './server-process.ts';

const SERVERS = [
  { variable: 'TEST_REDIS_URL', obtain: obtainRedis, start: startRedis },
  { variable: 'TEST_DATABASE_URL', obtain: obtainPostgresql, start: startPostgresql },
] as const;

const started: ServerProcess[] = [];

/**
 * Brings up the servers that the tests share and puts their URLs into the environment of the workers. A URL that is
 * there already is taken as it is. Packages are installed one after the other, then all servers start at once.
 */
export async function startSharedServers(): Promise<void> {
  const wanted = SERVERS.filter(({ variable }) => !process.env[variable]);
  for (const { obtain } of wanted) await obtain();
  await Promise.all(
    wanted.map(async ({ variable, start }) => {
      const server = await start();
      started.push(server);
      process.env[variable] = server.url;
    }),
  );
}

export async function stopSharedServers(): Promise<void> {
  await Promise.all(started.splice(0).map((server) => server[Symbol.asyncDispose]()));
}
