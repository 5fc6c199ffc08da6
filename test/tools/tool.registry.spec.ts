import { globSync } from 'node:fs';
import { cp, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Config } from '../../src/config/config.js';
import { loadConfig } from '../../src/config/config.load.js';
import type { PluginCode } from '../../src/sandbox/plugin.code.js';
import { Sandbox } from '../../src/sandbox/sandbox.js';
import type { Description } from '../../src/sandbox/tool.description.js';
import { DescriptionCache } from '../../src/tools/description.cache.js';
import { toolDocument, toolSchema } from '../../src/tools/tool.document.js';
import { ToolRegistry } from '../../src/tools/tool.registry.js';
import { MANIFEST, PluginFolders, toolSource } from './plugin.folders.js';

const PLUGINS = join(import.meta.dirname, '../../plugins');
const TOOL_FILES = globSync('*/*.tool.*', { cwd: PLUGINS });
const BUNDLED = TOOL_FILES.map((path) => basename(path).replace(/\.tool\.\w+$/, ''));
/** The bundled plugins, and one more. */
const PLUGIN_COUNT = new Set(TOOL_FILES.map((path) => dirname(path))).size + 1;

const temporaryDirectory = async () => realpath(await mkdtemp(join(tmpdir(), 'toolyard-registry-')));

const namesOf = (registry: ToolRegistry): string[] => registry.list().map(({ name }) => name);

/** The real one, which tells who was asked. */
class WatchedSandbox extends Sandbox {
  readonly asked: string[] = [];

  override describe(plugin: PluginCode): Promise<Description> {
    this.asked.push(plugin.name);
    return super.describe(plugin);
  }
}

describe('the registry of tools', () => {
  /** What the plugins of Toolyard say of themselves, so that they need not be asked in each test. */
  let known: string;
  let stack: AsyncDisposableStack;
  let folders: PluginFolders;
  let config: Config;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    known = await temporaryDirectory();
    const sandbox = new Sandbox(loadConfig({ DATA_DIR: known }));
    const registry = new ToolRegistry(loadConfig({}), new DescriptionCache(loadConfig({ DATA_DIR: known }), sandbox));
    await registry.onModuleInit();
    await sandbox.onApplicationShutdown();
  });
  afterAll(async () => {
    await rm(known, { recursive: true });
  });
  beforeEach(async () => {
    stack = new AsyncDisposableStack();
    folders = stack.use(await PluginFolders.make());
    const directory = await temporaryDirectory();
    stack.defer(() => rm(directory, { recursive: true, force: true }));
    await cp(join(known, 'descriptions'), join(directory, 'descriptions'), { recursive: true });
    config = loadConfig({ DATA_DIR: directory, PLUGINS_DIR: folders.path });
  });
  afterEach(() => stack.disposeAsync());

  const openSandbox = (): WatchedSandbox => {
    const sandbox = new WatchedSandbox(config);
    stack.defer(() => sandbox.onApplicationShutdown());
    return sandbox;
  };
  /** A registry as it is after a start of the platform. */
  const start = async (sandbox = openSandbox()): Promise<{ registry: ToolRegistry; asked: string[] }> => {
    const registry = new ToolRegistry(config, new DescriptionCache(config, sandbox));
    await registry.onModuleInit();
    return { registry, asked: sandbox.asked.toSorted() };
  };
  const cacheFiles = () => readdir(join(config.DATA_DIR, 'descriptions'));

  it('has the tools that come with Toolyard, and those of PLUGINS_DIR, by name', async () => {
    await folders.plugin('made', { 'b.tool.ts': toolSource('made-b'), 'a.tool.ts': toolSource('made-a') });

    const { registry } = await start();

    expect(namesOf(registry)).toEqual([...BUNDLED, 'made-a', 'made-b'].toSorted());
    expect(registry.brokenPlugins()).toEqual([]);
    expect(registry.usable('made-a')).toMatchObject({ version: '1.2.3', file: 'a.tool.ts', plugin: { name: 'made' } });
    expect(registry.usable('made-a').options.check({})).toEqual({ text: 'hello' });
  });

  it('describes every tool as the schema of the API says', async () => {
    await folders.plugin('bad', { 'bad.tool.ts': 'throw new Error("It is not my day.");' });
    const { registry } = await start();

    for (const tool of registry.list()) expect(toolSchema.parse(toolDocument(tool))).toEqual(toolDocument(tool));
  });

  it('knows no tool that is not there', async () => {
    const { registry } = await start();

    for (const ask of [() => registry.get('nothing'), () => registry.usable('__proto__')])
      expect(ask).toThrow(expect.objectContaining({ code: 'tool_not_found' }));
  });

  it('lists a broken tool with its reason, and the others work', async () => {
    await folders.plugin('made', {
      'bad.tool.ts': 'throw new Error("It is not my day.");',
      'good.tool.ts': toolSource('good'),
    });

    const { registry } = await start();

    expect(registry.get('bad')).toMatchObject({ unavailableReason: 'It is not my day.' });
    expect(() => registry.usable('bad')).toThrow(
      expect.objectContaining({
        code: 'tool_unavailable',
        message: 'The tool bad is not available: It is not my day.',
      }),
    );
    expect(registry.usable('good').name).toBe('good');
    expect(registry.usable('echo').name).toBe('echo');
  });

  it('says when a tool may be back whose service is gone for a while', async () => {
    const { registry } = await start();
    registry.setOutage(({ name }) => (name === 'echo' ? { reason: 'Its service rests.', retryMs: 6_200 } : undefined));

    expect(registry.has('echo')).toBe(false);
    expect(() => registry.usable('echo')).toThrow(
      expect.objectContaining({ code: 'tool_unavailable', retryable: true, headers: { 'retry-after': '7' } }),
    );
  });

  it('lists a plugin that ends its process under the name of its folder', async () => {
    await folders.plugin('deadly', { 'one.tool.ts': 'process.exit(3);', 'two.tool.ts': toolSource('two') });

    const { registry } = await start();

    expect(registry.get('deadly').unavailableReason).toMatch(/^Its process ended while it was loaded/);
    expect(namesOf(registry)).toEqual([...BUNDLED, 'deadly'].toSorted());
  });

  it('does not tell users why no process can be started', async () => {
    await folders.plugin('made', { 'one.tool.ts': toolSource('one') });
    const sandbox = openSandbox();
    await sandbox.onApplicationShutdown();
    await rm(config.DATA_DIR, { recursive: true });
    await writeFile(config.DATA_DIR, 'no directory');

    const { registry } = await start(sandbox);

    expect(registry.get('one').unavailableReason).toMatch(/^The process that should describe it could not be started/);
    expect(JSON.stringify(registry.list().map(toolDocument))).not.toContain(config.DATA_DIR);
  });

  it('tells of folders that are no plugins', async () => {
    await folders.files('empty', {});
    await folders.plugin('good', { 'good.tool.ts': toolSource('good') });

    const { registry } = await start();

    expect(registry.brokenPlugins()).toEqual([{ folder: 'empty', reason: 'has no package.json' }]);
    expect(namesOf(registry)).toContain('good');
  });

  it('leaves a name to the first tool that has it', async () => {
    await folders.plugin('a', { 'one.tool.ts': toolSource('same') });
    await folders.plugin('b', { 'two.tool.ts': toolSource('same'), 'echo.tool.ts': toolSource('echo') });

    const { registry } = await start();

    expect(registry.get('same').plugin.name).toBe('a');
    expect(registry.get('echo').plugin.name).not.toBe('b');
    expect(registry.brokenPlugins()).toEqual([
      { folder: 'b', reason: 'brings a second tool called echo' },
      { folder: 'b', reason: 'brings a second tool called same' },
    ]);
  });

  it('prefers a tool that works to a broken one with the same name', async () => {
    await folders.plugin('a', { 'same.tool.ts': 'throw new Error("No.");' });
    await folders.plugin('b', { 'two.tool.ts': toolSource('same') });

    const { registry } = await start();

    expect(registry.usable('same').plugin.name).toBe('b');
  });

  describe('keeps what plugins say of themselves', () => {
    beforeEach(async () => {
      await folders.plugin('made', { 'one.tool.ts': toolSource('one') });
    });

    it('and asks no child at the second start', async () => {
      const first = await start();
      const second = await start();

      expect(first.asked).toEqual(['made']);
      expect(second.asked).toEqual([]);
      expect(second.registry.list().map(toolDocument)).toEqual(first.registry.list().map(toolDocument));
    });

    it('and asks again when the content has changed', async () => {
      await start();
      await folders.files('made', { 'one.tool.ts': toolSource('other') });

      const { registry, asked } = await start();

      expect(asked).toEqual(['made']);
      expect(namesOf(registry)).toContain('other');
      expect(namesOf(registry)).not.toContain('one');
    });

    it('and asks again when the manifest asks for more', async () => {
      await start();
      await folders.files('made', { 'package.json': { ...MANIFEST, toolyard: { permissions: { env: ['LANG'] } } } });

      const { registry, asked } = await start();

      expect(asked).toEqual(['made']);
      expect(registry.get('one').plugin.permissions.env).toEqual(['LANG']);
    });

    it.each(['', '{"tools":[{"name":"one"}],"faults":[]}', 'null'])(
      'and asks again when the file that keeps it holds %j',
      async (content) => {
        await start();
        for (const name of await cacheFiles()) await writeFile(join(config.DATA_DIR, 'descriptions', name), content);

        const { registry, asked } = await start();

        expect(asked).toHaveLength(PLUGIN_COUNT);
        expect(namesOf(registry)).toContain('one');
        expect((await start()).asked).toEqual([]);
      },
    );

    it('but not what a broken plugin says: tomorrow it may be whole', async () => {
      await folders.plugin('bad', { 'bad.tool.ts': 'throw new Error("No.");' });
      await start();

      await expect(start()).resolves.toMatchObject({ asked: ['bad'] });
    });

    it('in files that are whole, though several write them at once', async () => {
      const sandbox = openSandbox();
      const started = await Promise.all([start(sandbox), start(sandbox), start(sandbox)]);

      for (const { registry } of started) expect(namesOf(registry)).toContain('one');
      const files = await cacheFiles();
      expect(files).toHaveLength(PLUGIN_COUNT);
      expect(files.filter((name) => !/^[0-9a-f]{64}\.json$/.test(name))).toEqual([]);
    });
  });
});
