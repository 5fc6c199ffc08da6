import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The source of a tool that does nothing, under a name. */
export function toolSource(name: string): string {
  return `import { BaseTool, z } from 'toolyard/sdk';
    export default class extends BaseTool {
      name = '${name}';
      title = 'Made for a test';
      description = 'Does nothing.';
      inputFormats = [];
      outputFormats = [];
      options = z.object({ text: z.string().default('hello').describe('Any text.') });
      process() { return { data: 1 }; }
    }`;
}

export const MANIFEST = { name: 'made', version: '1.2.3', type: 'module', toolyard: {} };

/** A directory with plugins that goes away when it is disposed of. */
export class PluginFolders implements AsyncDisposable {
  private constructor(readonly path: string) {}

  static async make(): Promise<PluginFolders> {
    return new PluginFolders(await realpath(await mkdtemp(join(tmpdir(), 'toolyard-plugins-'))));
  }

  /** Writes files into a plugin's folder; objects as JSON. Without `package.json`, it gets one. */
  async plugin(folder: string, files: Readonly<Record<string, string | object>> = {}): Promise<string> {
    return this.files(folder, { 'package.json': { ...MANIFEST, name: folder }, ...files });
  }

  async files(folder: string, files: Readonly<Record<string, string | object>>): Promise<string> {
    const directory = join(this.path, folder);
    await mkdir(directory, { recursive: true });
    for (const [name, content] of Object.entries(files)) {
      const path = join(directory, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    }
    return directory;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
