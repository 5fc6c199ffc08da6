import { copyFile, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/config.load.js';
import type { PackageLock } from '../../src/plugins/packages/package.lock.js';
import { type MadePackage, PackageMaker } from '../../src/plugins/packages/package.maker.js';
import { PackageReader } from '../../src/plugins/packages/package.reader.js';
import { Sandbox } from '../../src/sandbox/sandbox.js';
import { hello, PackageFolders, type Texts } from './package.folders.js';
import { type Entry, entriesOf, locked, tarball } from './tarballs.js';

const GOOD = hello('1.0.0');

let packages: PackageFolders;
let sandbox: Sandbox;
let reader: PackageReader;
let drafts: string;

beforeAll(async () => {
  packages = await PackageFolders.make();
  const config = loadConfig({ DATA_DIR: join(packages.path, 'data') });
  sandbox = new Sandbox(config);
  reader = new PackageReader(sandbox, config);
  drafts = join(packages.path, 'data', 'plugins', 'drafts');
});
afterAll(async () => {
  await sandbox.onApplicationShutdown();
  await packages[Symbol.asyncDispose]();
});

const pack = async (folder: string): Promise<MadePackage> => new PackageMaker(sandbox).make(folder, `${folder}-packed`);
const refusal = async (folder: string): Promise<string> =>
  pack(folder).then(
    () => 'it was packed',
    (error: unknown) => (error instanceof Error ? error.message : 'something else'),
  );

/** What became of a tarball: the name of the plugin, or why it was refused. Nothing is left of it in either case. */
const open = async (bytes: Buffer): Promise<string> => {
  const path = join(packages.path, 'given.tgz');
  await writeFile(path, bytes);
  try {
    await using opened = await reader.open(path);
    return `opened ${opened.plugin.code.name}`;
  } catch (error) {
    return error instanceof Error ? error.message : 'something else';
  } finally {
    expect(await readdir(drafts)).toEqual([]);
  }
};

const without = (texts: Texts, name: string): Texts =>
  Object.fromEntries(Object.entries(texts).filter(([path]) => path !== name));

describe('packing', () => {
  it('makes the same bytes of the same plugin, with the hash of each file', async () => {
    const [one, other] = [await pack(await packages.folder(GOOD)), await pack(await packages.folder(GOOD))];

    expect(await readFile(one.path)).toEqual(await readFile(other.path));
    expect(Object.keys(one.lock.files)).toEqual([
      'README.md',
      'hello-say.cases.yaml',
      'hello-say.tool.js',
      'package.json',
    ]);
    expect(one.lock.tools).toMatchObject([{ name: 'hello-say', optionsSchema: { type: 'object' } }]);
  });

  it('leaves out what lies there for other reasons', async () => {
    const more = { '.github/ci.yml': '', '.gitignore': '', 'package-lock.json': '{}', 'node_modules/x/index.js': '' };
    const { lock } = await pack(await packages.folder({ ...GOOD, ...more }));

    expect(Object.keys(lock.files)).toHaveLength(4);
  });

  it('tells everything that stands against it at once, and makes nothing', async () => {
    const manifest = {
      scripts: { postinstall: 'node steal.js', test: 'fine' },
      dependencies: { 'left-pad': '1.0.0' },
    };
    const folder = await packages.folder({
      ...hello('1.0.0', { host: '>=99' }, manifest),
      'notes.txt': '',
      'fixtures/.env': 'SECRET=1',
      'fixtures/server.key': '',
      'broken.tool.js': 'export default class {',
    });
    await symlink('/etc/passwd', join(folder, 'fixtures', 'users.txt'));

    const reasons = await refusal(folder);

    for (const reason of [
      'notes.txt is not named in `files`',
      'fixtures/.env is a hidden file',
      'fixtures/server.key looks like a secret',
      'fixtures/users.txt is a symbolic link',
      'has the script postinstall',
      'depends on left-pad and does not bundle it',
      'broken.tool.js: ',
      'made for Toolyard >=99',
    ])
      expect(reasons).toContain(reason);
    expect(reasons).not.toContain('script test');
    expect(await readdir(packages.path)).not.toContain(`${folder}-packed`.split('/').at(-1));
  });

  it('takes packages along that are bundled, and lets no tool see those of the platform', async () => {
    const tool = (name: string) => `import found from '${name}';\n${GOOD['hello-say.tool.js']}\nvoid found;\n`;
    const own = {
      'node_modules/pad/package.json': '{"name":"pad","version":"1.0.0","main":"index.js"}',
      'node_modules/pad/index.js': 'module.exports = 1;',
    };
    const bundling = hello('1.0.0', {}, { dependencies: { pad: '1.0.0' }, bundleDependencies: ['pad'] });

    const { path } = await pack(await packages.folder({ ...bundling, ...own, 'hello-say.tool.js': tool('pad') }));
    await using opened = await reader.open(path);

    expect(opened.lock.files).toHaveProperty(['node_modules/pad/index.js']);
    await expect(refusal(await packages.folder({ ...GOOD, 'hello-say.tool.js': tool('sharp') }))).resolves.toContain(
      'hello-say.tool.js: ',
    );
  });
});

describe('a package', () => {
  let lock: PackageLock;
  beforeAll(async () => {
    ({ lock } = await packages.pack(GOOD));
  });

  it('is opened when it is what was packed', async () => {
    await expect(open(await tarball(entriesOf(locked(GOOD, lock))))).resolves.toBe('opened @acme/hello');
  });

  it.each<[string, Entry[], string]>([
    ['a symbolic link', [{ name: 'package/a', type: 'symlink', linkname: '/etc/passwd' }], 'no plain file'],
    ['a hard link', [{ name: 'package/a', type: 'link', linkname: 'package/package.json' }], 'no plain file'],
    ['a device', [{ name: 'package/a', type: 'character-device' }], 'no plain file'],
    ['a path that leads out', [{ name: 'package/../../a', text: 'x' }], 'is not a path that is taken'],
    ['an absolute path', [{ name: '/tmp/a', text: 'x' }], 'does not lie in package/'],
    ['a path of Windows', [{ name: 'package/..\\a', text: 'x' }], 'is not a path that is taken'],
    ['a name twice', [{ name: 'package/README.MD', text: 'x' }], 'is there twice'],
    ['a file in place of a folder', [{ name: 'package/README.md/x', text: 'x' }], ''],
    ['a long path', [{ name: `package/${'a/'.repeat(120)}b`, text: 'x' }], 'is not a path that is taken'],
    ['a bomb', [{ name: 'package/a', text: Buffer.alloc(40_000_000) }], 'too large when it is unpacked'],
    ['many files', Array.from({ length: 10_001 }, (_, n) => ({ name: `package/${n}` })), 'more than 10000 files'],
  ])('is refused with %s', async (_, entries, reason) => {
    const answer = await open(await tarball([...entriesOf(locked(GOOD, lock)), ...entries]));

    expect(answer).not.toMatch(/^opened/);
    expect(answer).toContain(reason);
    expect(answer).not.toContain(packages.path);
  });

  const tool = 'hello-say.tool.js';
  it.each<[string, (texts: Texts) => Texts, string]>([
    ['whose code was changed', (texts) => ({ ...texts, [tool]: `${texts[tool]} ` }), `${tool} is not what was packed`],
    ['with a file more', (texts) => ({ ...texts, 'a.js': '' }), 'a.js is not named in its toolyard.lock.json'],
    ['with a file less', (texts) => without(texts, 'README.md'), 'README.md is missing'],
    ['without a lock', (texts) => without(texts, 'toolyard.lock.json'), 'has no toolyard.lock.json'],
    ['with something else as a lock', (texts) => ({ ...texts, 'toolyard.lock.json': '{}' }), 'cannot be read'],
    [
      'whose lock asks for less than its manifest',
      () => locked(hello('1.0.0', { permissions: { exec: ['sh'] } }), lock),
      'names other permissions than its package.json',
    ],
    ['with the lock of another version', () => locked(hello('2.0.0'), lock), 'is that of another package'],
    [
      'with an install script',
      () => locked(hello('1.0.0', {}, { scripts: { install: 'sh' } }), lock),
      'has the script install',
    ],
    ['whose manifest is none', () => locked({ ...GOOD, 'package.json': '{"name":"x"}' }, lock), 'not a manifest'],
  ])('is refused %s', async (_, change, reason) => {
    await expect(open(await tarball(entriesOf(change(locked(GOOD, lock)))))).resolves.toContain(reason);
  });

  it.each<[string, (whole: Buffer) => Buffer]>([
    ['is empty', () => Buffer.alloc(0)],
    ['is no tarball', () => Buffer.from('hello')],
    ['is cut off', (whole) => whole.subarray(0, whole.length / 2)],
    ['was flipped in a bit', (whole) => Buffer.from(whole.map((byte, at) => (at === 200 ? byte ^ 1 : byte)))],
  ])('is refused when it %s', async (_, change) => {
    const answer = await open(change(await tarball(entriesOf(locked(GOOD, lock)))));

    expect(answer).toMatch(/no tarball|empty|not what was packed|no plain file|not a path/);
  });

  it('is left where it was given', async () => {
    const { path } = await packages.pack(GOOD);
    const copy = join(packages.path, 'copy.tgz');
    await copyFile(path, copy);
    await mkdir(join(packages.path, 'target'));

    await using opened = await reader.open(copy);
    await opened.moveTo(join(packages.path, 'target', 'hello'));

    expect(await readFile(copy)).toEqual(await readFile(path));
    expect(await readdir(join(packages.path, 'target', 'hello'))).toContain('package.json');
  });
});
