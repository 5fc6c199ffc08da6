import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toolSchema } from '../../src/tools/tool.document.js';
import { until } from '../conditions.js';
import { type Platform, startPlatform } from '../platform.js';
import { EXAMPLE, SECRET, startWords, wordsDeclaration } from '../sandbox/declared/words.service.js';
import type { ServerProcess } from '../servers/server-process.js';
import { PluginFolders } from '../tools/plugin.folders.js';
import { createTask, download, finishedTask, readTask, upload } from './client.js';

/** A tool whose work is done elsewhere is a tool like any other, also while elsewhere is gone. */

let folders: PluginFolders;
let words: ServerProcess;
let platform: Platform;

beforeAll(async () => {
  words = await startWords();
  folders = await PluginFolders.make();
  const declaration = await wordsDeclaration(words.url);
  const manifest = JSON.parse(await readFile(join(EXAMPLE, 'package.json'), 'utf8'));
  manifest.toolyard.permissions.net = [new URL(words.url).host];
  await folders.files('text-words', { 'package.json': manifest, 'text-words.tool.yaml': declaration });
  const undeclared = declaration.replace('text-words', 'text-undeclared');
  await folders.files('text-undeclared', {
    'package.json': { ...manifest, name: 'text-undeclared', toolyard: { permissions: { net: ['example.com'] } } },
    'text-undeclared.tool.yaml': undeclared,
  });
  platform = await startPlatform({ env: { PLUGINS_DIR: folders.path, WORDS_SECRET: SECRET } });
});
afterAll(async () => {
  await platform[Symbol.asyncDispose]();
  await folders[Symbol.asyncDispose]();
  await words[Symbol.asyncDispose]();
});

const tool = async (name = 'text-words') =>
  toolSchema.parse(await (await platform.get(`/api/v1/tools/${name}`)).json());

it('runs as any other tool does', async () => {
  const { file_id } = await upload(platform, 'poem.txt', 'The rose is a rose\n');

  const { task_id } = await createTask(platform, 'text-words', { inputs: [file_id], options: { least: 2 } });

  const task = await finishedTask(platform, task_id);
  expect(task).toMatchObject({ status: 'completed', data: { words: 5 }, outputs: [{ name: 'words.txt' }] });
  const [output] = task.outputs;
  expect(String(await download(platform, output?.file_id ?? ''))).toBe('2 rose\n');
});

it('is not available where its manifest does not name the host', async () => {
  expect(await tool('text-undeclared')).toMatchObject({
    available: false,
    unavailable_reason: `Its service is at ${new URL(words.url).host}, which its manifest does not name under net.`,
  });
});

it('waits while its service is gone, and goes on when it is back', async () => {
  const { file_id } = await upload(platform, 'poem.txt', 'A rose\n');
  await words.kill();
  const { task_id } = await createTask(platform, 'text-words', { inputs: [file_id] });
  const gone = await until(async () => ((await tool()).available ? undefined : tool()), {
    describe: 'the tool is listed as unavailable',
    timeoutMs: 20_000,
  });
  expect(gone).toMatchObject({ unavailable_reason: 'Its service does not answer.' });
  const refused = await platform.postJson('/api/v1/tools/text-words/process', { inputs: [file_id] });
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  const refusal = expect.objectContaining({ code: 'tool_unavailable', retryable: true });
  await expect(refused.json()).resolves.toMatchObject({ error: refusal });
  const plan = await platform.postJson('/api/v1/tools/text-words/plan', { inputs: [file_id] });
  await expect(plan.json()).resolves.toMatchObject({ accepted: false, refusals: [refusal] });
  expect((await readTask(platform, task_id)).status).not.toBe('failed');

  await words.start();

  expect(await finishedTask(platform, task_id, 30_000)).toMatchObject({ status: 'completed', data: { words: 2 } });
});
