import 'reflect-metadata';
import { createApp } from './app.js';
import { loadConfig } from './config/config.load.js';
import { ConfigurationFault } from './config/config.fault.js';
import { configWarnings } from './config/config.warnings.js';
import { createLogger } from './telemetry/pino.logger.js';

const OLDEST_NODE = 26;

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
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  await app.listen(config.PORT, config.HOST);
  logger.info({ url: await app.getUrl(), node: process.versions.node }, 'Toolyard is ready');
}

try {
  await main();
} catch (error) {
  console.error(error instanceof ConfigurationFault ? error.message : error);
  process.exit(1);
}
