import { RequestMethod, VersioningType } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { AppModule } from './app.module.js';
import type { Config } from './config/config.js';
import { createServer } from './http/server.js';
import { PinoLogger } from './logging/pino.logger.js';
import { serveDocumentation } from './openapi.js';

/** What has no version: probes, scrapes, pages for people. */
const UNVERSIONED = ['health', 'ready', 'metrics'].map((path) => ({ path, method: RequestMethod.GET }));

/** The application, ready to listen. */
export async function createApp(config: Config, logger: Logger): Promise<NestFastifyApplication> {
  const server = await createServer(logger);
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot(config), server, {
    logger: new PinoLogger(logger),
    abortOnError: false,
    bodyParser: false,
    forceCloseConnections: true,
  });
  app.setGlobalPrefix('api', { exclude: UNVERSIONED });
  app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
  if (config.ROLE !== 'worker') await serveDocumentation(app);
  return app;
}
