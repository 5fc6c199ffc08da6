import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import type { Command } from 'commander';
import { answerTo } from '../../authoring/asking.js';
import type { PluginPackage } from '../../tools/installed/plugin-package.entity.js';
import { interruptible } from '../../trials/interruption.js';
import type { Print } from '../print.js';
import { inPluginHouse, OPERATOR } from './plugin.house.js';

const REFUSED = 'It is not installed.';

interface Flags {
  readonly yes?: true;
  readonly untested?: true;
  readonly enable: boolean;
}

/** A tarball that is to be installed. */
interface Found {
  readonly path: string;
  /** Where it came from, in words. */
  readonly source: string;
}

export function addInstallCommand(plugin: Command, print: Print): void {
  plugin
    .command('install <package>')
    .description(
      'install a plugin from a folder, a tarball or a registry, and run its own cases here before it is enabled',
    )
    .option('--yes', 'approve the permissions that it asks for; without, you are asked')
    .option('--untested', 'enable it also when tools of it have no cases')
    .option('--no-enable', 'only install it: somebody enables it later')
    .action((what: string, flags: Flags) => install(what, flags, print));
}

async function install(what: string, flags: Flags, print: Print): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'toolyard-install-'));
  try {
    const found = await tarballOf(what, directory);
    await inPluginHouse(async (house) => {
      const [{ PluginAdmin }, { PackageStore }] = await Promise.all([
        import('../../tools/installed/plugin.admin.js'),
        import('../../tools/installed/package.store.js'),
      ]);
      const row = await house.get(PluginAdmin).install(found.path, found.source, OPERATOR);
      const rows = await house.get(PackageStore).list(row.name);
      await show(
        row,
        rows.find(({ status }) => status === 'current'),
        print,
      );
      if (!flags.enable) return print('It is installed, and waits to be enabled.');
      try {
        await interruptible(() => enable(house, row, flags));
      } catch (error) {
        // Whoever has mended it, or wants it after all, installs the same version again.
        await house.get(PluginAdmin).remove(row.name, row.version, OPERATOR);
        throw error;
      }
      const { cases } = (await house.get(PackageStore).find(row.name, row.version)) ?? row;
      if (cases) print(`Its own cases: ${cases.passed} passed, ${cases.skipped} skipped.`);
      print(`${row.name}@${row.version} is enabled.`);
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function enable(house: INestApplicationContext, row: PluginPackage, flags: Flags): Promise<void> {
  await approve(flags);
  const { PluginSwitch } = await import('../../tools/installed/plugin.switch.js');
  const { name, version, permissions } = row;
  const wanted = { version, approve: permissions, untested: flags.untested };
  await house.get(PluginSwitch).enable(name, wanted, OPERATOR);
}

/** A folder is packed first: what is installed is always a package. */
async function tarballOf(what: string, directory: string): Promise<Found> {
  const found = await stat(what).catch(() => undefined);
  if (!found) return fetched(what, directory);
  if (!found.isDirectory()) return { path: resolve(what), source: `file ${basename(what)}` };
  const [{ withSandbox }, { PackageMaker }] = await Promise.all([
    import('../../trials/trial.ground.js'),
    import('../../plugins/packages/package.maker.js'),
  ]);
  const { path } = await withSandbox((sandbox) => new PackageMaker(sandbox).make(what, directory));
  return { path, source: `folder ${basename(resolve(what))}` };
}

/** Before the house is opened: nothing that holds rows and secrets goes out for it. */
async function fetched(what: string, directory: string): Promise<Found> {
  const [{ isPackageName, PackageRegistry }, { loadConfig }, { Outbound }, { Destinations }, { Resolver }] =
    await Promise.all([
      import('../../plugins/packages/package.registry.js'),
      import('../../config/config.load.js'),
      import('../../outbound/outbound.js'),
      import('../../outbound/destinations.js'),
      import('../../outbound/resolver.js'),
    ]);
  if (!isPackageName(what)) throw new Error(`There is no file or folder ${what}, and no package has such a name.`);
  const config = loadConfig();
  const outbound = new Outbound(new Destinations(config, new Resolver()));
  return new PackageRegistry(outbound, config.PLUGIN_REGISTRY).fetch(what, directory);
}

async function show(row: PluginPackage, before: PluginPackage | undefined, print: Print): Promise<void> {
  const { permissionChanges, permissionWords } = await import('../../plugins/permission.changes.js');
  print(`${row.name}@${row.version}: ${row.tools.join(', ')}`);
  print(`Asks for: ${permissionWords(row.permissions).join(', ') || 'nothing'}`);
  if (!before) return;
  const { added, removed } = permissionChanges(before.permissions, row.permissions);
  print(`More than ${before.version}: ${added.join(', ') || 'nothing'}`);
  print(`No longer: ${removed.join(', ') || 'nothing'}`);
}

async function approve({ yes }: Flags): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) throw new Error('Nobody can be asked here: approve what it asks for with --yes.');
  const { confirm } = await import('@clack/prompts');
  const question = { message: 'Shall it get what it asks for?', initialValue: false };
  const isApproved = await answerTo((asked) => confirm({ ...question, ...asked }), REFUSED);
  if (!isApproved) throw new Error(REFUSED);
}
