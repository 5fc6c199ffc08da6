/** Writes the part of the client that is made from docs/openapi.json. Run by `npm run docs`. */
import { fileURLToPath } from 'node:url';
import { createClient } from '@hey-api/openapi-ts';

const root = new URL('../', import.meta.url);

/** @param directory where the files go; what is there is removed */
export async function generateClient(directory: string): Promise<void> {
  await createClient({
    input: fileURLToPath(new URL('docs/openapi.json', root)),
    output: { path: directory, module: { extension: '.js' } },
    plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
    logs: { level: 'silent', file: false },
  });
}
