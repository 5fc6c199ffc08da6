/** Writes the pages that are made from code. Run by `npm run docs`, after the build. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import 'reflect-metadata';
import { generateClient } from './client.ts';
import { contractPage } from './contract.page.ts';
import { sdkDeclarations } from './sdk.sources.ts';

const root = new URL('../', import.meta.url);

const { describeApi } = await built<typeof import('../src/app.js')>('app.js');
const { loadConfig } = await built<typeof import('../src/config/config.load.js')>('config/config.load.js');
const { createLogger } = await built<typeof import('../src/telemetry/pino.logger.js')>('telemetry/pino.logger.js');
const { renderConfigurationPage, renderEnvExample } =
  await built<typeof import('../src/config/config.docs.js')>('config/config.docs.js');

const config = loadConfig({ LOG_LEVEL: 'silent' });
const api = await describeApi(config, createLogger(config));

const pages: Readonly<Record<string, string>> = {
  '.env.example': renderEnvExample(),
  'docs/configuration.md': renderConfigurationPage(),
  'docs/plugins/contract.md': contractPage(),
  'src/authoring/templates/shared/_toolyard/sdk.d.ts.template': sdkDeclarations(),
  'docs/openapi.json': `${JSON.stringify(api, null, 2)}\n`,
};

const { bundledPages } = await built<typeof import('../src/authoring/pages/bundled.pages.js')>(
  'authoring/pages/bundled.pages.js',
);
const { withSandbox } = await built<typeof import('../src/trials/trial.ground.js')>('trials/trial.ground.js');
const tools = [...(await withSandbox(bundledPages))].map(([name, text]) => [`docs/tools/${name}`, text] as const);

for (const [path, text] of [...Object.entries(pages), ...tools]) {
  await writeFile(fileURLToPath(new URL(path, root)), text);
  console.log(`wrote ${path}`);
}

const client = 'src/client/generated';
await generateClient(fileURLToPath(new URL(client, root)));
console.log(`wrote ${client}`);

function built<Module>(path: string): Promise<Module> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the caller names the module that it is built from
  return import(new URL(`dist/${path}`, root).href) as Promise<Module>;
}
