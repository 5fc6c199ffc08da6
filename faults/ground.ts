import { startPostgresql } from '../test/servers/postgresql.server.ts';
import { startRedis } from '../test/servers/redis.server.ts';
import type { ServerProcess } from '../test/servers/server-process.ts';

/** `embedded`: one process on SQLite. `scaled`: an API and two workers, on PostgreSQL and Bull. */
export const STACKS = ['embedded', 'scaled'] as const;

export type StackName = (typeof STACKS)[number];

/** The servers that a platform of this row stands on; nobody else uses them, so they can be broken. */
export interface Ground extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
  readonly redis: ServerProcess | undefined;
  readonly postgresql: ServerProcess | undefined;
}

export interface GroundOptions {
  /** Whether Redis keeps its data over a crash. Default: true. */
  readonly appendOnly?: boolean | undefined;
}

export async function openGround(stack: StackName, { appendOnly = true }: GroundOptions = {}): Promise<Ground> {
  if (stack === 'embedded')
    return { env: {}, redis: undefined, postgresql: undefined, [Symbol.asyncDispose]: async () => {} };

  await using opening = new AsyncDisposableStack();
  const redis = opening.use(await startRedis({ appendOnly }));
  const postgresql = opening.use(await startPostgresql());
  const all = opening.move();
  const env = { REDIS_URL: redis.url, DATABASE_URL: postgresql.url };
  return { env, redis, postgresql, [Symbol.asyncDispose]: () => all.disposeAsync() };
}
