import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { keepDescriptions, takeDescriptions } from './known.descriptions.ts';
import { freePort } from './servers/free-port.ts';
import { ServerProcess } from './servers/server-process.ts';
import { TemporaryHome } from './servers/temporary-home.ts';
import { bearer, type Credentials, Visitor } from './visitor.ts';

export type Role = 'all' | 'api' | 'worker';

export interface PlatformOptions {
  /** Added to a clean environment; `{}` is the embedded platform on SQLite. */
  readonly env?: Readonly<Record<string, string>>;
  /** One process for each, started in this order. Default: `['all']`. More than one needs a REDIS_URL. */
  readonly roles?: readonly Role[];
  /** What Node runs. Default: the built server. */
  readonly main?: string;
  /** A command that each process is started by, such as `prlimit --fsize=1000`; the process itself follows. */
  readonly by?: readonly string[];
  /** How long a process may take until `/ready` is 200. Default: 15 seconds. */
  readonly readyMs?: number;
}

/** The admin of every platform, unless its `env` says otherwise. */
export const ADMIN = { email: 'admin@toolyard.test', password: 'every test may know this' } as const;

const ACCOUNTS = {
  ADMIN_EMAIL: ADMIN.email,
  ADMIN_PASSWORD: ADMIN.password,
  JWT_SECRET: 'a secret that the processes of a test share',
  ENCRYPTION_KEY: 'a key that the processes of a test share, too',
  /** All users of a test come from one address. */
  RATE_LIMIT_LOGIN: '0',
};

/** All that an admin may do. */
const SCOPES = [
  'tools:read',
  'files:read',
  'files:write',
  'tasks:read',
  'tasks:write',
  'webhooks:manage',
  'account:manage',
  'keys:manage',
  'users:manage',
  'others:read',
  'audit:read',
  'plugins:manage',
];

const ROOT = join(import.meta.dirname, '..');
const INHERITED = ['PATH', 'TMPDIR', 'LANG', 'LC_ALL', 'TZ'];

/**
 * Starts the built server as a user would: in processes of its own, with a fresh DATA_DIR and a free port for each.
 * Resolves when every process is ready, and else throws with the last lines of its log.
 */
export async function startPlatform(options: PlatformOptions = {}): Promise<Platform> {
  const home = await TemporaryHome.open();
  const platform = new Platform(home, options);
  try {
    await mkdir(platform.dataDir);
    await takeDescriptions(platform.dataDir);
    for (const role of options.roles ?? ['all']) await platform.start(role);
    await keepDescriptions(platform.dataDir);
    return platform;
  } catch (error) {
    await platform[Symbol.asyncDispose]();
    throw error;
  }
}

/** A running Toolyard: one or more processes that share DATA_DIR and all other variables but ROLE and PORT. */
export class Platform implements AsyncDisposable {
  private readonly home: TemporaryHome;
  private readonly options: PlatformOptions;
  private readonly started: PlatformProcess[] = [];
  private visitor = new Visitor(() => this.url, {});

  constructor(home: TemporaryHome, options: PlatformOptions) {
    this.home = home;
    this.options = options;
  }

  get dataDir(): string {
    return join(this.home.path, 'data');
  }

  /** Every process ever started, in the order of their start. */
  get processes(): readonly PlatformProcess[] {
    return this.started;
  }

  /** Of the first process, which answers requests unless it was started as a worker. No slash at the end. */
  get url(): string {
    return this.first().url;
  }

  /** Of the first process. */
  get pid(): number {
    return this.first().pid;
  }

  /** The first process of that role. */
  process(role: Role): PlatformProcess {
    const found = this.started.find((member) => member.role === role);
    if (!found) throw new Error(`This platform has no process with the role ${role}.`);
    return found;
  }

  /** What all processes have written, one after the other. */
  logs(): string {
    return this.started.map((member) => member.logs()).join('\n');
  }

  /**
   * Adds a process, on a port of its own. To start one again that has ended, use `start()` of that process.
   *
   * @param env for this process alone
   */
  async start(role: Role, env: Readonly<Record<string, string>> = {}): Promise<PlatformProcess> {
    const options = { ...this.options, env: { ...this.options.env, ...env } };
    const member = new PlatformProcess(role, await freePort(), this.home, options);
    this.started.push(member);
    await member.start();
    if (role !== 'worker' && !('authorization' in this.credentials)) await this.logIn();
    return member;
  }

  /** SIGTERM to every process, the last one first. Resolves with the largest exit code; null if one died of a signal. */
  async stop(): Promise<number | null> {
    const codes = [];
    for (const member of this.started.toReversed()) codes.push((await member.stop()).code);
    return codes.includes(null) ? null : Math.max(...codes.map(Number));
  }

  /** Ends every process as a crash would, by default with SIGKILL. */
  async kill(signal?: NodeJS.Signals): Promise<void> {
    await Promise.all(this.started.map((member) => member.kill(signal)));
  }

  /** By which the requests below are the admin's: those of an API key, for use where headers are written by hand. */
  get credentials(): Credentials {
    return this.visitor.credentials;
  }

  /** Somebody else; without credentials a stranger. */
  as(credentials: Credentials = {}): Visitor {
    return new Visitor(() => this.url, credentials);
  }

  /** The path begins with a slash. */
  get(path: string, init?: RequestInit): Promise<Response> {
    return this.visitor.get(path, init);
  }

  post(path: string, init?: RequestInit): Promise<Response> {
    return this.visitor.post(path, init);
  }

  /** Sends a value as JSON. */
  postJson(path: string, value: unknown, headers?: Credentials): Promise<Response> {
    return this.visitor.postJson(path, value, headers);
  }

  patchJson(path: string, value: unknown, headers?: Credentials): Promise<Response> {
    return this.visitor.patchJson(path, value, headers);
  }

  delete(path: string, init?: RequestInit): Promise<Response> {
    return this.visitor.delete(path, init);
  }

  send(method: string, path: string, init?: RequestInit): Promise<Response> {
    return this.visitor.send(method, path, init);
  }

  /** Takes an API key for the requests to come, if the admin of all tests is the admin here. */
  private async logIn(): Promise<void> {
    const { env = {}, main } = this.options;
    if (main !== undefined || 'ADMIN_EMAIL' in env) return;
    const tokens = await document(await this.as().postJson('/api/v1/auth/login', ADMIN));
    const admin = this.as(bearer(tokens['access_token'] ?? ''));
    const made = await document(await admin.postJson('/api/v1/keys', { name: 'tests', scopes: SCOPES }));
    this.visitor = this.as(bearer(made['key'] ?? ''));
  }

  /** Ends what still runs and removes DATA_DIR. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const member of this.started.toReversed()) await member[Symbol.asyncDispose]();
    await this.home[Symbol.asyncDispose]();
  }

  private first(): PlatformProcess {
    const [first] = this.started;
    if (!first) throw new Error('This platform has no process yet.');
    return first;
  }
}

/** One process of a platform. It can be killed and started again: on the same port, with the same data. */
export class PlatformProcess extends ServerProcess {
  readonly role: Role;

  constructor(role: Role, port: number, home: TemporaryHome, options: PlatformOptions) {
    const { env = {}, main = join(ROOT, 'dist', 'main.js'), by = [], readyMs } = options;
    const [command, ...first] = [...by, process.execPath];
    const url = `http://127.0.0.1:${port}`;
    super({
      name: `Toolyard (${role})`,
      url,
      home,
      ownsHome: false,
      command,
      args: [...first, main],
      env: { ...environment(home, port), ...ACCOUNTS, ROLE: role, ...env },
      stopSignal: 'SIGTERM',
      family: false,
      answers: async () => (await fetch(`${url}/ready`, { signal: AbortSignal.timeout(2_000) })).status === 200,
      startMs: readyMs,
    });
    this.role = role;
  }
}

function environment(home: TemporaryHome, port: number): Record<string, string> {
  const inherited = INHERITED.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []));
  return {
    ...Object.fromEntries(inherited),
    HOME: home.path,
    HOST: '127.0.0.1',
    PORT: String(port),
    DATA_DIR: join(home.path, 'data'),
    SHUTDOWN_GRACE_MS: '5000',
  };
}

async function document(response: Response): Promise<Readonly<Record<string, string>>> {
  const text = await response.text();
  if (!response.ok) throw new Error(`The platform answered ${response.status}: ${text}`);
  return JSON.parse(text) as Record<string, string>;
}
