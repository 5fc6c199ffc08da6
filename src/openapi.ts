import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';
import { problemSchema } from './errors/problem.document.js';
import { newTaskSchema } from './tasks/task.submission.js';

/** Schemas that routes name without Nest seeing them. */
const NAMED = { Problem: problemSchema, NewTask: newTaskSchema };

/** The OpenAPI 3.1 document, made from the routes and the zod schemas that they really use. */
export function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const frame = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Toolyard')
    .setDescription('Runs tools on files: upload, name a tool, follow the task, download the result.')
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .build();
  const document = SwaggerModule.createDocument(app, frame);
  document.components = { ...document.components, schemas: { ...document.components?.schemas, ...namedSchemas() } };
  return document;
}

export async function serveDocumentation(app: NestFastifyApplication): Promise<void> {
  SwaggerModule.setup('docs', app, () => openApiDocument(app), { jsonDocumentUrl: 'api/v1/openapi.json' });
}

function namedSchemas(): Record<string, object> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(NAMED)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}`, io: 'input' });
  return schemas as Record<string, object>;
}
