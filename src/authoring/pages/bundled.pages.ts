import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { BUNDLED } from '../../plugins/bundled.js';
import { loadPlugins, type Plugin } from '../../plugins/plugin.loader.js';
import type { Sandbox } from '../../sandbox/sandbox.js';
import { readCases } from '../../trials/case.file.js';
import { indexPage, type PageSource, pluginPage } from './plugin.page.js';

const wordsSchema = z.object({
  description: z.string(),
  toolyard: z.object({ title: z.string().optional() }),
});

/** The page of each plugin that comes with Toolyard, and one that leads to them: texts, by the names of their files. */
export async function bundledPages(sandbox: Sandbox): Promise<Map<string, string>> {
  const plugins = (await loadPlugins(BUNDLED)).filter((found): found is Plugin => 'code' in found);
  const sources = await Promise.all(plugins.map((plugin) => sourceOf(plugin, sandbox)));
  const pages = sources.map((source) => [`${source.folder}.md`, pluginPage(source)] as const);
  return new Map([['README.md', indexPage(sources)], ...pages]);
}

async function sourceOf(plugin: Plugin, sandbox: Sandbox): Promise<PageSource> {
  const { directory } = plugin.code;
  const read = (name: string) => readFile(join(directory, name), 'utf8');
  const { description, toolyard } = wordsSchema.parse(JSON.parse(await read('package.json')));
  const [{ tools }, cases] = await Promise.all([
    sandbox.describe(plugin.code),
    readCases(plugin, sandbox, (await readdir(directory)).toSorted()),
  ]);
  const readme = await read('README.md').catch(() => '');
  return { title: toolyard.title ?? plugin.folder, description, folder: plugin.folder, tools, cases, readme };
}
