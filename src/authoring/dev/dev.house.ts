import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { ApiKeys } from '../../auth/keys/api-keys.js';
import { UserStore } from '../../auth/users/user.store.js';
import { NO_VISIT } from '../../auth/visit.js';
import type { Config } from '../../config/config.js';
import { loadConfig } from '../../config/config.load.js';
import { HOST_VERSION } from '../../plugins/host.version.js';
import { createLogger } from '../../telemetry/pino.logger.js';
import { DevBoard } from './dev.board.js';
import { serveDevPage } from './dev.routes.js';
import { followFolder } from './folder.follower.js';

/** Makes the application as a server does; who calls knows where from. */
export type MakeApp = (config: Config, logger: Logger) => Promise<NestFastifyApplication>;

const AUTHOR = 'author@toolyard.localhost.example';
const ANY_NUMBER = '0';

/** A whole platform on this machine for one plugin, which follows what is saved. */
export interface DevHouse {
  /** Of the page, with a key that opens it and nothing else. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/**
 * Starts the real platform on a free port, with an empty data directory that is removed at the end, and a page to try
 * the plugin on. Nothing of the environment counts, so that it is the same on every machine.
 */
export async function openDevHouse(folder: string, makeApp: MakeApp, print: (line: string) => void): Promise<DevHouse> {
  const began = performance.now();
  const home = await realpath(await mkdtemp(join(tmpdir(), 'toolyard-dev-')));
  const remove = () => rm(home, { recursive: true, force: true });
  try {
    const config = await configFor(home, resolve(folder));
    const board = new DevBoard(resolve(folder), print);
    // Before anything is loaded, so that nothing that is saved meanwhile is missed.
    const stopFollowing = await followFolder(resolve(folder), () => void board.reload());
    const app = await makeApp(config, createLogger(config, board.log));
    board.attach(app);
    serveDevPage(app, board);
    await app.listen(config.PORT, config.HOST);
    board.key = await keyFor(app);
    await board.open(began);
    const close = async () => {
      stopFollowing();
      await app.close();
      await remove();
    };
    return { url: `${await app.getUrl()}/dev#${board.key}`, close };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function configFor(home: string, folder: string): Promise<Config> {
  const plugins = join(home, 'plugins');
  await mkdir(plugins);
  await symlink(folder, join(plugins, basename(folder)));
  await keepDescriptions(home);
  return loadConfig({
    DATA_DIR: home,
    PLUGINS_DIR: plugins,
    PORT: '0',
    ADMIN_EMAIL: AUTHOR,
    ADMIN_PASSWORD: randomBytes(24).toString('base64url'),
    LOG_LEVEL: 'warn',
    SHUTDOWN_GRACE_MS: '1000',
    RATE_LIMIT_STRANGER: ANY_NUMBER,
    RATE_LIMIT_CREATE: ANY_NUMBER,
    RATE_LIMIT_STATUS: ANY_NUMBER,
    RATE_LIMIT_OTHER: ANY_NUMBER,
  });
}

/** What the plugins that come along say of themselves stays the same: it need not be asked at each start. */
async function keepDescriptions(home: string): Promise<void> {
  const cache = join(homedir(), '.cache', 'toolyard', HOST_VERSION, 'descriptions');
  try {
    await mkdir(cache, { recursive: true, mode: 0o700 });
    await symlink(cache, join(home, 'descriptions'));
  } catch {
    // A home that cannot be written to makes the start slower, and nothing else.
  }
}

async function keyFor(app: NestFastifyApplication): Promise<string> {
  const author = await app.get(UserStore).findByEmail(AUTHOR);
  if (!author) throw new Error('The account of the author was not made.');
  const { key } = await app.get(ApiKeys).createFor(author, { name: 'toolyard plugin dev', expiresAt: null }, NO_VISIT);
  return key;
}
