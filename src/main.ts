import 'reflect-metadata';
import { enableCompileCache, flushCompileCache } from 'node:module';
import { join } from 'node:path';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { loadConfig } from './config/config.load.js';
import { ConfigurationFault } from './config/config.fault.js';
import { configWarnings } from './config/config.warnings.js';

const OLDEST_NODE = 26;
const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;
/** To end the processes of tools and to clear up after them. */
const LAST_CHORES_MS = 1_000;

let isAskedToStop = false;

/** Who asks a second time does not want to wait. Tasks that ran are taken back when their leases end. */
function endAtOnceNextTime(sandbox: OnApplicationShutdown, logger: Logger): void {
  if (isAskedToStop) return;
  isAskedToStop = true;
  for (const signal of STOP_SIGNALS) {
    process.removeAllListeners(signal);
    process.on(signal, () => {
      logger.warn('Asked to stop a second time: Toolyard ends at once');
      // Without its children the orderly end may come first, and would call itself a success.
      process.once('exit', () => (process.exitCode = 1));
      setTimeout(exit, LAST_CHORES_MS);
      void Promise.resolve(sandbox.onApplicationShutdown()).finally(exit);
    });
  }
}

function exit(): never {
  process.exit();
}

async function main(): Promise<void> {
  const [major] = process.versions.node.split('.');
  if (Number(major) < OLDEST_NODE) {
    throw new ConfigurationFault([
      `Node ${OLDEST_NODE} is needed, this is ${process.versions.node}: start with npm start`,
    ]);
  }
  const config = loadConfig();
  // Two thirds of the time to start go into loading code. What was compiled once is found there the next time.
  enableCompileCache(join(config.DATA_DIR, 'compiled'));
  const [{ createApp }, { Sandbox }, { createLogger }] = await Promise.all([
    import('./app.js'),
    import('./sandbox/sandbox.js'),
    import('./telemetry/pino.logger.js'),
  ]);
  const logger = createLogger(config);
  configWarnings().forEach((warning) => logger.warn(warning));
  const app = await createApp(config, logger);
  app.enableShutdownHooks([...STOP_SIGNALS], { useProcessExit: true });
  for (const signal of STOP_SIGNALS) process.once(signal, () => endAtOnceNextTime(app.get(Sandbox), logger));
  await app.listen(config.PORT, config.HOST);
  logger.info({ url: await app.getUrl(), node: process.versions.node }, 'Toolyard is ready');
  flushCompileCache();
}

try {
  await main();
} catch (error) {
  console.error(error instanceof ConfigurationFault ? error.message : error);
  process.exit(1);
}
