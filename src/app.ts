import { type INestApplication, RequestMethod, VersioningType } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { Logger } from 'pino';
import { AppModule } from './app.module.js';
import type { Config } from './config/config.js';
import { createServer } from './http/server.js';
import { openApiDocument, serveDocumentation } from './openapi.js';
import { PinoLogger } from './telemetry/pino.logger.js';

/** What has no version: probes and scrapes, and a protocol that has versions of its own. */
const UNVERSIONED = [
  ...['health', 'ready', 'metrics'].map((path) => ({ path, method: RequestMethod.GET })),
  { path: 'mcp', method: RequestMethod.POST },
];

/** The application, ready to listen. */
export async function createApp(config: Config, logger: Logger): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(config),
    await createServer(logger, config),
    {
      logger: new PinoLogger(logger),
      abortOnError: false,
      bodyParser: false,
    },
  );
  addPaths(app);
  if (config.ROLE !== 'worker') serveDocumentation(app);
  return app;
}

/** What the API offers, found out without starting anything. */
export async function describeApi(config: Config, logger: Logger): Promise<OpenAPIObject> {
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(config),
    await createServer(logger, config),
    {
      logger: false,
      preview: true,
    },
  );
  addPaths(app);
  return openApiDocument(app);
}

function addPaths(app: INestApplication): void {
  app.setGlobalPrefix('api', { exclude: UNVERSIONED });
  app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
}
