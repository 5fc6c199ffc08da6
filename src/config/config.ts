import { availableParallelism } from 'node:os';
import { isIP } from 'node:net';
import { z } from 'zod';

const GIB = 1024 ** 3;

const positive = z.coerce.number().int().positive();
const flag = z.stringbool();
const url = (...protocols: string[]) =>
  z.string().refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), {
    error: `must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  });

/**
 * The environment, whole: each variable with its check, its default and its explanation.
 * `secret` marks what is never shown and can also come from a file, named by the same variable with `_FILE`.
 * `.env.example` and docs/configuration.md are generated from here.
 */
export const configSchema = z
  .object({
    HOST: z.string().min(1).default('127.0.0.1').describe('Address to listen on.'),
    PORT: z.coerce.number().int().min(0).max(65_535).default(8080).describe('Port to listen on; 0 takes a free one.'),
    TRUSTED_NETWORK: flag
      .default(false)
      .describe(
        'Allows a HOST that other machines can reach. There are no accounts yet, so whoever reaches the port can do everything: say yes only where something else keeps strangers out.',
      ),
    ROLE: z
      .enum(['all', 'api', 'worker'])
      .default('all')
      .describe('What this process does: answer requests (api), run tasks (worker), or both (all).'),
    DATA_DIR: z.string().min(1).default('./data').describe('Directory for everything that has no place of its own.'),
    DATABASE_URL: url('postgresql:', 'postgres:', 'file:')
      .optional()
      .meta({ secret: true, shownDefault: 'SQLite file in DATA_DIR' })
      .describe('Database: `postgresql://user:password@host/name`, or `file:///path` for an SQLite file.'),
    REDIS_URL: url('redis:', 'rediss:')
      .optional()
      .meta({ secret: true, shownDefault: 'embedded queue' })
      .describe('Redis that carries the queue. Needed when the roles run in processes of their own.'),
    STORAGE_URL: url('file:')
      .optional()
      .meta({ shownDefault: 'directory in DATA_DIR' })
      .describe('Where the bytes of files live: `file:///path` for a directory.'),
    PLUGINS_DIR: z
      .string()
      .min(1)
      .optional()
      .describe('Directory with more plugins, one folder each, beside those that come with Toolyard.'),
    SANDBOX: z
      .enum(['off', 'process', 'permission', 'auto', 'strict'])
      .default('auto')
      .describe(
        'What stands between the code of plugins and this machine, besides processes of their own: nothing (off), limits (process), also the permissions of Node (permission), also namespaces where they work (auto). With strict, Toolyard does not start where something of it does not work. docs/sandbox.md tells what each protects against.',
      ),
    WORKER_CONCURRENCY: positive
      .max(256)
      .default(availableParallelism)
      .meta({ shownDefault: 'number of processor cores' })
      .describe('Tasks that one worker runs at the same time.'),
    MAX_PENDING_TASKS: positive
      .default(100_000)
      .describe(
        'Tasks that may wait at the same time. Further ones are refused with `queue_full` until there is room.',
      ),
    USER_CONCURRENCY: positive
      .optional()
      .meta({ shownDefault: 'no limit: users share the workers alike' })
      .describe('Tasks of one user that run at the same time, on all workers together.'),
    MAX_UPLOAD_BYTES: positive.default(5 * GIB).describe('Largest file that may be uploaded, in bytes.'),
    FILE_TTL_HOURS: z.coerce
      .number()
      .positive()
      .max(87_600)
      .default(24)
      .describe('Hours after which a file, and the result of a task, are removed.'),
    TASK_TIMEOUT_MS: positive
      .default(3_600_000)
      .describe('Longest time that any task may run, in milliseconds. A tool can ask for less, never for more.'),
    SHUTDOWN_GRACE_MS: z.coerce
      .number()
      .int()
      .min(0)
      .max(3_600_000)
      .default(30_000)
      .describe(
        'Time that running tasks and uploads have to end when the process is asked to stop (SIGTERM), in milliseconds. Tasks that need longer return to the queue. A second signal ends the process at once.',
      ),
    LOG_LEVEL: z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
      .default('info')
      .describe('Least important lines that are still logged.'),
  })
  .superRefine((config, context) => {
    if (!isLoopback(config.HOST) && !config.TRUSTED_NETWORK) {
      context.addIssue({
        code: 'custom',
        path: ['HOST'],
        message: 'must be 127.0.0.1, ::1 or localhost unless TRUSTED_NETWORK is set, because there are no accounts yet',
      });
    }
    if (config.ROLE !== 'all' && config.REDIS_URL === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['REDIS_URL'],
        message: `is needed when ROLE is ${config.ROLE}: the embedded queue does not leave its process`,
      });
    }
  });

export type ConfigValues = z.output<typeof configSchema>;
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- the fields of the class are those of the schema
export interface Config extends ConfigValues {}

/** The configuration, complete and valid, as a token to inject. Made once, by `loadConfig`. */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- see above
export class Config {
  constructor(values: ConfigValues) {
    Object.assign(this, values);
    Object.freeze(this);
  }
}

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
