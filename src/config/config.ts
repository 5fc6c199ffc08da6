import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { areOrigins } from './origins.js';
import { areAllowedHosts } from './outbound-hosts.js';
import { email, longSecret, perMinute, positive, quota, url } from './config.values.js';
import { isProxyTrust } from './proxy.trust.js';

const GIB = 1024 ** 3;

/** What is needed with something else. */
const COMPANIONS = [
  {
    when: ({ ROLE }: Given) => ROLE === 'api',
    name: 'JWT_SECRET',
    message: 'is needed when ROLE is api: all processes sign and check with the same secret',
  },
  {
    when: ({ ROLE }: Given) => ROLE !== 'all',
    name: 'ENCRYPTION_KEY',
    message: 'is needed when ROLE is not all: all processes read what one of them has encrypted',
  },
  { when: ({ ADMIN_EMAIL }: Given) => ADMIN_EMAIL, name: 'ADMIN_PASSWORD', message: 'is needed with ADMIN_EMAIL' },
  {
    when: ({ ADMIN_PASSWORD }: Given) => ADMIN_PASSWORD,
    name: 'ADMIN_EMAIL',
    message: 'is needed with ADMIN_PASSWORD',
  },
  { when: ({ SMTP_URL }: Given) => SMTP_URL, name: 'MAIL_FROM', message: 'is needed with SMTP_URL' },
] as const;

interface Given {
  readonly ROLE: string;
  readonly ADMIN_EMAIL?: string | undefined;
  readonly ADMIN_PASSWORD?: string | undefined;
  readonly SMTP_URL?: string | undefined;
}

/**
 * The environment, whole: each variable with its check, its default and its explanation.
 * `secret` marks what is never shown and can also come from a file, named by the same variable with `_FILE`.
 * `.env.example` and docs/configuration.md are generated from here.
 */
export const configSchema = z
  .object({
    HOST: z.string().min(1).default('127.0.0.1').describe('Address to listen on.'),
    PORT: z.coerce.number().int().min(0).max(65_535).default(8080).describe('Port to listen on; 0 takes a free one.'),
    PUBLIC_URL: url('http:', 'https:')
      .optional()
      .meta({ shownDefault: 'HOST and PORT' })
      .describe(
        'Address under which people reach the server, for links; with https, cookies are sent over https only.',
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
    PLUGIN_REGISTRY: url('https:', 'http:')
      .default('https://registry.npmjs.org/')
      .describe(
        'Registry of npm packages from which `toolyard plugin install NAME` fetches. One that is not on the public internet must be named in `OUTBOUND_ALLOW`, too.',
      ),
    PLUGIN_CRASHES: z.coerce
      .number()
      .int()
      .min(0)
      .max(1_000)
      .default(5)
      .describe(
        'Tasks in a row that may crash a plugin before it is quarantined, on all workers together; 0 for no limit. A task that ends well, or fails in the words of the tool, begins the row anew. `toolyard plugin enable` lifts a quarantine.',
      ),
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
        'Tasks that may wait at the same time. Further ones are refused with `queue_full` until there is room. The last tenth of it is for users of whom less than a hundredth waits, so that nobody can fill it for all.',
      ),
    USER_CONCURRENCY: positive
      .optional()
      .meta({ shownDefault: 'no limit: users share the workers alike' })
      .describe('Tasks of one user that run at the same time, on all workers together.'),
    MAX_UPLOAD_BYTES: positive.default(5 * GIB).describe('Largest file that may be uploaded, in bytes.'),
    UPLOAD_TTL_HOURS: z.coerce
      .number()
      .positive()
      .max(87_600)
      .default(24)
      .describe('Hours after which a resumable upload is removed when nobody continues it.'),
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
    CLAMAV_URL: url('tcp:', 'unix:')
      .optional()
      .meta({ shownDefault: 'files are not scanned' })
      .describe(
        'Virus scanner (clamd) that every file must pass: `tcp://host:3310` or `unix:///path`. See docs/virus-scanning.md.',
      ),
    SCAN_POLICY: z
      .enum(['block', 'defer'])
      .default('block')
      .describe(
        'What happens to uploads while the scanner does not answer: they are refused (block), or stored and kept out of use until it does (defer).',
      ),
    SCAN_TIMEOUT_SECONDS: positive
      .max(3_600)
      .default(30)
      .describe('Seconds for which the scanner may neither take bytes nor answer.'),
    ADMIN_EMAIL: email.describe('Address of the first admin, who is made at the start when there is none.'),
    ADMIN_PASSWORD: z
      .string()
      .optional()
      .meta({ secret: true, shownDefault: 'a link for the setup is printed at the start' })
      .describe('Password of the first admin. It is looked at only while there is no admin.'),
    REGISTRATION: z
      .enum(['off', 'invite', 'open'])
      .default('off')
      .describe('Who may make an account: nobody but an admin (off), whoever was invited, or everybody (open).'),
    PASSWORD_MIN_LENGTH: z.coerce
      .number()
      .int()
      .min(8)
      .max(128)
      .default(15)
      .describe('Characters that a password has at least.'),
    JWT_SECRET: longSecret()
      .meta({ secret: true, shownDefault: 'made once, in DATA_DIR' })
      .describe(
        'Signs access tokens and links: at least 32 random bytes, the same for all processes. Needed when ROLE is api.',
      ),
    JWT_SECRET_PREVIOUS: longSecret()
      .meta({ secret: true })
      .describe('The secret before this one. Its tokens stay good until they expire, 15 minutes after a change.'),
    ENCRYPTION_KEY: longSecret()
      .meta({ secret: true, shownDefault: 'made once, in DATA_DIR' })
      .describe(
        'Encrypts what is kept of secrets, such as those of webhooks: at least 32 random bytes, the same for all processes. Needed when ROLE is not all. Keep a copy: without the key nothing of it can be read again.',
      ),
    ENCRYPTION_KEY_PREVIOUS: longSecret()
      .meta({ secret: true })
      .describe('The key before this one, so that what it has encrypted can still be read.'),
    RECEIPT_SECRET: longSecret()
      .meta({ secret: true, shownDefault: 'made once, in DATA_DIR' })
      .describe(
        'The key that signs receipts of tasks is made from it: at least 32 random bytes, the same for all processes. Receipts that were signed with another one are still proven by its public key.',
      ),
    SMTP_URL: url('smtp:', 'smtps:')
      .optional()
      .meta({ secret: true, shownDefault: 'no mail is sent' })
      .describe('Server for mail: `smtps://user:password@host`. Without it an admin hands out links for passwords.'),
    MAIL_FROM: email.describe('Sender of mail. Needed with SMTP_URL.'),
    TRUST_PROXY: z
      .string()
      .refine(isProxyTrust, {
        error: 'must be a number of proxies, or addresses and networks such as 10.0.0.0/8, separated by commas',
      })
      .optional()
      .meta({ shownDefault: 'nobody is believed' })
      .describe(
        'Whose `X-Forwarded-For` says where a request comes from: how many proxies stand before this server, or their addresses, separated by commas.',
      ),
    CORS_ORIGINS: z
      .string()
      .refine(areOrigins, {
        error: 'must be origins such as https://app.example, separated by commas; * is not one',
      })
      .optional()
      .meta({ shownDefault: 'none' })
      .describe(
        'Other origins whose web pages may use this server, as `https://app.example`, separated by commas. They need an access token or a key: cookies are for pages of this server.',
      ),
    OUTBOUND_ALLOW: z
      .string()
      .refine(areAllowedHosts, { error: 'must be hosts such as files.lan or 10.0.0.5:8443, separated by commas' })
      .optional()
      .meta({ shownDefault: 'the public internet only' })
      .describe(
        'Hosts that are not of the public internet and to which the server may nevertheless send webhooks and go for imports, exactly as they stand in URLs, with or without a port, separated by commas.',
      ),
    MAX_CONNECTIONS: positive
      .default(4_096)
      .describe('Connections that clients may hold at the same time; more are closed at once.'),
    SLOW_CLIENT_MS: positive
      .min(100)
      .max(3_600_000)
      .default(60_000)
      .describe(
        'Time in milliseconds after which a connection ends whose client sends its request, or takes the answer, with less than 500 bytes a second. How long a transfer takes as a whole does not matter.',
      ),
    ANSWER_TIMEOUT_MS: positive
      .min(100)
      .max(3_600_000)
      .default(30_000)
      .describe(
        'Time in milliseconds that the server takes for an answer, from the moment when it has the request; then it says 503. What a client prefers to wait comes on top; uploads, which are scanned and stored, may take longer.',
      ),
    RATE_LIMIT_LOGIN: perMinute(20).describe(
      'Requests a minute from one address that try to log in; 0 for any number.',
    ),
    RATE_LIMIT_STRANGER: perMinute(600).describe(
      'Other requests a minute from one address while it is not known whose they are; 0 for any number.',
    ),
    RATE_LIMIT_CREATE: perMinute(6_000).describe(
      'Requests a minute by one user that upload files or create tasks; 0 for any number.',
    ),
    RATE_LIMIT_STATUS: perMinute(60_000).describe(
      'Requests a minute by one user that ask how far a task is; 0 for any number. Somebody who follows 100 tasks as often as `Retry-After` suggests makes 6000.',
    ),
    RATE_LIMIT_OTHER: perMinute(12_000).describe('Other requests a minute by one user; 0 for any number.'),
    QUOTA_BYTES: quota(Number.MAX_SAFE_INTEGER).describe(
      'Bytes that one user may have stored, results of tools included; 0 for no limit.',
    ),
    QUOTA_FILES: quota(1_000_000_000).describe(
      'Files that one user may have stored, results of tools included; 0 for no limit.',
    ),
    QUOTA_TASKS_PER_DAY: quota(1_000_000_000).describe(
      'Tasks that one user may create within a day, which begins at midnight UTC; 0 for no limit.',
    ),
    QUOTA_UNFINISHED_TASKS: quota(1_000_000_000).describe(
      'Tasks of one user that may wait or run at the same time; 0 for no limit.',
    ),
    METRICS_TOKEN: z
      .string()
      .regex(/^[\w.~+/-]{16,}=*$/, { error: 'must have at least 16 characters, of those that a token may have' })
      .optional()
      .meta({ secret: true, shownDefault: 'whoever reaches the server may read them' })
      .describe('Asked of whoever reads `/metrics`, as `Authorization: Bearer`.'),
    LOG_LEVEL: z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
      .default('info')
      .describe('Least important lines that are still logged.'),
  })
  .superRefine((config, context) => {
    if (config.ROLE !== 'all' && config.REDIS_URL === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['REDIS_URL'],
        message: `is needed when ROLE is ${config.ROLE}: the embedded queue does not leave its process`,
      });
    }
    for (const { when, name, message } of COMPANIONS) {
      if (when(config) && config[name] === undefined) context.addIssue({ code: 'custom', path: [name], message });
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
