import { type Scratch, scratchDatabase, scratchRedis } from './servers/scratch.ts';

/** What one platform is given to stand on. It goes away when disposed of, so stop the platform first. */
export interface Surroundings extends AsyncDisposable {
  /** For `startPlatform({ env })`. */
  readonly env: Readonly<Record<string, string>>;
}

export interface Combination {
  /** `SQLite and the embedded queue`. */
  readonly name: string;
  readonly database: 'sqlite' | 'postgresql';
  readonly queue: 'embedded' | 'bull';
  /** A fresh database and a fresh queue, used by nobody else. */
  readonly prepare: () => Promise<Surroundings>;
}

const DATABASES = { sqlite: 'SQLite', postgresql: 'PostgreSQL' } as const;
const QUEUES = { embedded: 'the embedded queue', bull: 'Bull' } as const;

/** The four grounds on which everything must behave alike: `describe.each(COMBINATIONS)('$name', ({ prepare }) => …)`. */
export const COMBINATIONS: readonly Combination[] = [
  combination('sqlite', 'embedded'),
  combination('sqlite', 'bull'),
  combination('postgresql', 'embedded'),
  combination('postgresql', 'bull'),
];

function combination(database: keyof typeof DATABASES, queue: keyof typeof QUEUES): Combination {
  const name = `${DATABASES[database]} and ${QUEUES[queue]}`;
  return { name, database, queue, prepare: () => prepare(database, queue) };
}

async function prepare(database: keyof typeof DATABASES, queue: keyof typeof QUEUES): Promise<Surroundings> {
  await using stack = new AsyncDisposableStack();
  const env: Record<string, string> = {};
  if (database === 'postgresql') env['DATABASE_URL'] = urlOf(stack.use(await scratchDatabase()));
  if (queue === 'bull') env['REDIS_URL'] = urlOf(stack.use(await scratchRedis()));

  const scratches = stack.move();
  return { env, [Symbol.asyncDispose]: () => scratches.disposeAsync() };
}

function urlOf({ url }: Scratch): string {
  return url;
}
