import 'reflect-metadata';
import type { INestApplicationContext } from '@nestjs/common';
import type { Logger } from 'pino';
import { createApp } from './app.js';
import { loadConfig } from './config/config.load.js';
import { ConfigurationFault } from './config/config.fault.js';
import { configWarnings } from './config/config.warnings.js';
import { Sandbox } from './sandbox/sandbox.js';
import { createLogger } from './telemetry/pino.logger.js';

const OLDEST_NODE = 26;
const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;
/** To end the processes of tools and to clear up after them. */
const LAST_CHORES_MS = 1_000;

let isAskedToStop = false;

/** Who asks a second time does not want to wait. Tasks that ran are taken back when their leases end. */
function endAtOnceNextTime(app: INestApplicationContext, logger: Logger): void {
  if (isAskedToStop) return;
  isAskedToStop = true;
  for (const signal of STOP_SIGNALS) {
    process.removeAllListeners(signal);
    process.on(signal, () => {
      logger.warn('Asked to stop a second time: Toolyard ends at once');
      // Without its children the orderly end may come first, and would call itself a success.
      process.once('exit', () => (process.exitCode = 1));
      setTimeout(exit, LAST_CHORES_MS);
      void app.get(Sandbox).onApplicationShutdown().finally(exit);
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
  const logger = createLogger(config);
  configWarnings().forEach((warning) => logger.warn(warning));
  const app = await createApp(config, logger);
  app.enableShutdownHooks([...STOP_SIGNALS], { useProcessExit: true });
  for (const signal of STOP_SIGNALS) process.once(signal, () => endAtOnceNextTime(app, logger));
  await app.listen(config.PORT, config.HOST);
  logger.info({ url: await app.getUrl(), node: process.versions.node }, 'Toolyard is ready');
}

try {
  await main();
} catch (error) {
  console.error(error instanceof ConfigurationFault ? error.message : error);
  process.exit(1);
}
