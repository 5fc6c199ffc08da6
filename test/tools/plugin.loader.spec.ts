import { symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadPlugins, type Plugin } from '../../src/plugins/plugin.loader.js';
import { MANIFEST, PluginFolders, toolSource } from './plugin.folders.js';

const TOOL = { 'one.tool.ts': toolSource('one') };

describe('the plugins of a directory', () => {
  let folders: PluginFolders;
  beforeEach(async () => {
    folders = await PluginFolders.make();
  });
  afterEach(() => folders[Symbol.asyncDispose]());

  const load = () => loadPlugins(folders.path);
  const only = async (): Promise<Plugin> => {
    const [plugin, ...more] = await load();
    if (!plugin || !('code' in plugin)) throw new Error(`It is broken: ${JSON.stringify(plugin)}`);
    expect(more).toEqual([]);
    return plugin;
  };
  const hash = async () => (await only()).code.hash;
  const reason = async (): Promise<string> => {
    const [fault, ...more] = await load();
    if (!fault || !('reason' in fault)) throw new Error('It is not broken.');
    expect(more).toEqual([]);
    return fault.reason;
  };

  it('are known by their manifest and their files', async () => {
    const directory = await folders.plugin('text', {
      'package.json': { ...MANIFEST, name: '@me/text', toolyard: { permissions: { exec: ['soffice'] } } },
      'b.tool.ts': '',
      'a.tool.js': '',
      'c.tool.mjs': '',
      'helper.ts': '',
      'tool.ts': '',
      'README.md': '',
      'deeper/d.tool.ts': '',
    });

    const { folder, version, code } = await only();

    expect({ folder, version }).toEqual({ folder: 'text', version: '1.2.3' });
    expect(code).toEqual({
      name: '@me/text',
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      directory,
      tools: ['a.tool.js', 'b.tool.ts', 'c.tool.mjs'],
      permissions: { net: [], exec: ['soffice'], env: [], addons: false },
    });
  });

  it('come in the order of their folders, and what is no folder is left out', async () => {
    for (const name of ['b', 'a', '.hidden']) await folders.plugin(name, TOOL);
    await writeFile(join(folders.path, 'README.md'), 'Plugins.');

    const found = await load();

    expect(found.map(({ folder }) => folder)).toEqual(['a', 'b']);
  });

  it.each<[string, object, string | RegExp]>([
    ['has no package.json', { ...TOOL }, 'has no package.json'],
    ['has bad JSON', { ...TOOL, 'package.json': '{' }, 'has a package.json that is not JSON'],
    ['has no name', { ...TOOL, 'package.json': { ...MANIFEST, name: undefined } }, /not a manifest \(name: /],
    [
      'has a bad name',
      { ...TOOL, 'package.json': { ...MANIFEST, name: '../x' } },
      /name: must be the name of a package/,
    ],
    ['has a bad version', { ...TOOL, 'package.json': { ...MANIFEST, version: '1' } }, /version: must be a version/],
    ['is a package like any', { ...TOOL, 'package.json': { name: 'a', version: '1.0.0' } }, /toolyard: /],
    [
      'asks for something unknown',
      { ...TOOL, 'package.json': { ...MANIFEST, toolyard: { permissions: { root: true } } } },
      /toolyard\.permissions: .*root/,
    ],
    [
      'asks for something in a wrong way',
      { ...TOOL, 'package.json': { ...MANIFEST, toolyard: { permissions: { net: 'example.com', addons: 'yes' } } } },
      /toolyard\.permissions\.net: .*; toolyard\.permissions\.addons: /,
    ],
    [
      'has no tool',
      { 'package.json': MANIFEST, 'tool.ts': '' },
      'has no file that ends in .tool.ts, .tool.js or .tool.yaml',
    ],
    ['has tools only deeper', { 'package.json': MANIFEST, 'a/b.tool.ts': '' }, /^has no file that ends/],
  ])('are told of with a reason when one %s', async (_, files, expected) => {
    await folders.files('text', files as Record<string, string>);

    const found = await reason();

    expect(found).toMatch(expected);
    expect(found).not.toContain(folders.path);
  });

  it('are not spoiled by a bad one', async () => {
    await folders.plugin('good', TOOL);
    await folders.files('bad', {});

    await expect(load()).resolves.toMatchObject([{ folder: 'bad', reason: 'has no package.json' }, { folder: 'good' }]);
  });

  it('may be links to folders elsewhere, and are known by the place where they really are', async () => {
    await using elsewhere = await PluginFolders.make();
    const directory = await elsewhere.plugin('text', TOOL);
    await symlink(directory, join(folders.path, 'linked'));

    await expect(only()).resolves.toMatchObject({ folder: 'linked', code: { directory } });
  });

  it.each(['nowhere', 'package.json'])('may not be links to %s', async (target) => {
    await writeFile(join(folders.path, 'package.json'), '{}');
    await symlink(join(folders.path, target), join(folders.path, 'linked'));

    await expect(reason()).resolves.toBeTruthy();
  });

  it('are not looked for in a directory that does not exist', async () => {
    await expect(loadPlugins(join(folders.path, 'nowhere'))).rejects.toThrow('ENOENT');
  });

  describe('have a hash', () => {
    it('that is the same for the same content, wherever and whenever it was written', async () => {
      await using elsewhere = await PluginFolders.make();
      const path = await folders.plugin('text', TOOL);
      await elsewhere.plugin('text', TOOL);
      const before = await hash();

      await utimes(join(path, 'one.tool.ts'), new Date(0), new Date(0));

      await expect(hash()).resolves.toBe(before);
      await expect(loadPlugins(elsewhere.path)).resolves.toMatchObject([{ code: { hash: before } }]);
    });

    it.each<[string, Record<string, string>]>([
      ['a tool changes', { 'one.tool.ts': `${toolSource('one')} ` }],
      ['a file deeper changes', { 'deeper/words.txt': 'other' }],
      ['a file is added', { 'new.txt': '' }],
      ['the manifest changes', { 'package.json': JSON.stringify({ ...MANIFEST, version: '1.2.4' }) }],
      ['bytes go from one file to the next', { 'deeper/words.txt': 'wor', 'deeper/words2.txt': 'dsmore' }],
    ])('that changes when %s', async (_, change) => {
      await folders.plugin('text', { ...TOOL, 'deeper/words.txt': 'words', 'deeper/words2.txt': 'more' });
      const before = await hash();

      await folders.files('text', change);

      await expect(hash()).resolves.not.toBe(before);
    });

    it('that changes when a file goes, or gets another name', async () => {
      const path = await folders.plugin('text', { ...TOOL, a: 'same' });
      const before = await hash();

      await unlink(join(path, 'a'));
      const without = await hash();
      await folders.files('text', { b: 'same' });

      expect(new Set([before, without, await hash()]).size).toBe(3);
    });

    it('that changes with the packages in the folder, whose tools are not its own', async () => {
      await folders.plugin('text', TOOL);
      const before = await only();

      await folders.files('text', { 'node_modules/left-pad/index.js': '', 'a/node_modules/b/c.tool.ts': '' });

      const { code } = await only();
      expect(code.hash).not.toBe(before.code.hash);
      expect(code.tools).toEqual(before.code.tools);
    });

    it('that changes with what npm has installed above the folder', async () => {
      await folders.files('', { 'node_modules/.package-lock.json': { packages: { a: { integrity: 'sha512-a' } } } });
      await folders.plugin('text', TOOL);
      await using elsewhere = await PluginFolders.make();
      await elsewhere.plugin('text', TOOL);
      const [alone] = await loadPlugins(elsewhere.path);

      await expect(hash()).resolves.not.toBe(alone && 'code' in alone && alone.code.hash);
    });
  });
});
