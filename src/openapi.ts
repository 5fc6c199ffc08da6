import { readFile } from 'node:fs/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ACCESS_COOKIE } from './auth/credentials.js';
import { errorSchema, problemSchema } from './errors/problem.document.js';
import { logEventSchema, progressEventSchema, statusEventSchema } from './tasks/task.event-document.js';
import { newTaskSchema } from './tasks/task.submission.js';

/** Schemas that routes name without Nest seeing them. */
const NAMED = {
  Error: errorSchema,
  Problem: problemSchema,
  NewTask: newTaskSchema,
  TaskStatusEvent: statusEventSchema,
  TaskProgressEvent: progressEventSchema,
  TaskLogEvent: logEventSchema,
};

const TOKEN_URL = '/api/v1/auth/token';
const ERRORS_PAGE = new URL('../docs/errors.md', import.meta.url);

/** The OpenAPI 3.1 document, made from the routes and the zod schemas that they really use. */
export function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const frame = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Toolyard')
    .setDescription('Runs tools on files: upload, name a tool, follow the task, download the result.')
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addOAuth2(
      { type: 'oauth2', flows: { password: { tokenUrl: TOKEN_URL, refreshUrl: TOKEN_URL, scopes: {} } } },
      'login',
    )
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An access token, or an API key.' }, 'access_token')
    .addApiKey({ type: 'apiKey', name: 'X-API-Key', in: 'header' }, 'api_key')
    .addCookieAuth(ACCESS_COOKIE, { type: 'apiKey', in: 'cookie', name: ACCESS_COOKIE }, 'cookie')
    .build();
  const document = SwaggerModule.createDocument(app, frame, { operationIdFactory: operationId });
  document.components = { ...document.components, schemas: { ...document.components?.schemas, ...namedSchemas() } };
  return document;
}

/** `/docs` for people, `/api/v1/openapi.json` for programs, and the page that every error points to. */
export function serveDocumentation(app: NestFastifyApplication): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app), { jsonDocumentUrl: 'api/v1/openapi.json' });
  const server: FastifyInstance = app.getHttpAdapter().getInstance();
  server.get('/docs/errors', async (_request, reply) => {
    return reply.type('text/markdown; charset=utf-8').send(await readFile(ERRORS_PAGE));
  });
}

/** `TasksController`, `list` becomes `tasksList`: the name of a function in a generated client. */
function operationId(controller: string, method: string): string {
  const noun = controller.replace(/Controller$/, '');
  return noun.charAt(0).toLowerCase() + noun.slice(1) + method.charAt(0).toUpperCase() + method.slice(1);
}

function namedSchemas(): Record<string, object> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(NAMED)) registry.add(schema, { id });
  return z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}`, io: 'input' }).schemas;
}
