import { mkdir, mkdtemp, realpath, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPlugin, type Plugin } from '../../src/plugins/plugin.loader.js';

/** Gives its inputs back as outputs, and its data as it is told to. */
const GIVE_BACK = `
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BaseTool, ToolError, z } from 'toolyard/sdk';
export default class extends BaseTool {
  name = 'give-back';
  title = 'Give back';
  description = 'Gives its inputs back.';
  inputFormats = ['text/*', 'application/json', 'image/png'];
  outputFormats = ['text/plain'];
  options = z.object({
    data: z.json().optional().describe('What is answered.'),
    pattern: z.string().regex(/^[a-z]+$/i).optional().describe('Letters.'),
    fail: z.string().optional().describe('The code of a failure.'),
  });
  limits = { maxInputs: 2 };
  async process({ inputs, workspace, options: { data, fail }, log }) {
    if (fail) log.warn('It is about to fail.');
    if (fail) throw new ToolError(fail, 'It was told to fail.');
    const outputs = inputs.map(({ name }, index) => ({ path: join(workspace, String(index)), name }));
    for (const [index, { path }] of outputs.entries()) await copyFile(inputs[index].path, path);
    return { outputs, data };
  }
}
`;

/** A plugin in a directory of its own, with one tool, \`give-back\`. Whoever made it removes the directory. */
export async function madePlugin(files: Readonly<Record<string, string | Uint8Array>>): Promise<Plugin> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'toolyard-made-')));
  const folder = join(directory, 'made');
  await mkdir(join(folder, 'fixtures'), { recursive: true });
  const manifest = { name: 'made', version: '1.0.0', type: 'module', toolyard: {} };
  const all = { 'package.json': JSON.stringify(manifest), 'give-back.tool.js': GIVE_BACK, ...files };
  for (const [name, content] of Object.entries(all)) await writeFile(join(folder, name), content);
  const plugin = await loadPlugin(directory, 'made');
  if ('code' in plugin) return plugin;
  throw new Error(plugin.reason);
}
