import { basename, dirname, resolve } from 'node:path';
import { loadPlugin, type Plugin } from '../../plugins/plugin.loader.js';

/** The plugins in these folders. @throws when one of them is none, with the reason */
export async function pluginsIn(folders: readonly string[]): Promise<Plugin[]> {
  const plugins = [];
  for (const folder of folders) {
    const path = resolve(folder);
    const found = await loadPlugin(dirname(path), basename(path));
    if (!('code' in found)) throw new Error(`${folder} is no plugin: it ${found.reason}.`);
    plugins.push(found);
  }
  return plugins;
}
