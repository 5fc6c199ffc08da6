import type { Command } from 'commander';
import type { Print } from '../print.js';
import { inPluginHouse, OPERATOR } from './plugin.house.js';

interface EnableFlags {
  readonly version?: string;
  readonly yes?: true;
  readonly untested?: true;
}

/** What is done with plugins that a platform has. */
export function addAdminCommands(plugin: Command, print: Print): void {
  plugin
    .command('list')
    .description('show the plugins of this platform: name, version, where it comes from, and whether it can be used')
    .option('--json', 'print one JSON document')
    .action(({ json }: { json?: true }) => list(json ?? false, print));

  plugin
    .command('enable <name>')
    .description('let a plugin be used, also one that is quarantined or has other versions')
    .option('--version <version>', 'the version that new tasks get')
    .option('--yes', 'approve the permissions that it asks for')
    .option('--untested', 'also when tools of it have no cases')
    .action((name: string, flags: EnableFlags) => enable(name, flags, print));

  plugin
    .command('disable <name>')
    .description('let nobody use a plugin; tasks that wait for it go on waiting')
    .action(async (name: string) => {
      const { PluginSwitch } = await import('../../tools/installed/plugin.switch.js');
      await inPluginHouse((house) => house.get(PluginSwitch).disable(name, OPERATOR));
      print(`${name} is disabled.`);
    });

  plugin
    .command('remove <name>')
    .description('remove an installed plugin, unless tasks still need it')
    .option('--version <version>', 'only this version')
    .action(async (name: string, { version }: { version?: string }) => {
      const { PluginAdmin } = await import('../../tools/installed/plugin.admin.js');
      await inPluginHouse((house) => house.get(PluginAdmin).remove(name, version, OPERATOR));
      print(`${version === undefined ? name : `${name}@${version}`} is removed.`);
    });
}

async function enable(name: string, { version, yes, untested }: EnableFlags, print: Print): Promise<void> {
  const [{ PluginSwitch }, { PackageStore }] = await Promise.all([
    import('../../tools/installed/plugin.switch.js'),
    import('../../tools/installed/package.store.js'),
  ]);
  await inPluginHouse(async (house) => {
    const rows = await house.get(PackageStore).list(name);
    const row = rows.find((row) => (version === undefined ? row.status === 'waiting' : row.version === version));
    const approve = yes && row ? row.permissions : undefined;
    await house.get(PluginSwitch).enable(name, { version: version ?? row?.version, approve, untested }, OPERATOR);
  });
  print(`${name} is enabled.`);
}

async function list(json: boolean, print: Print): Promise<void> {
  const { PluginList } = await import('../../tools/installed/plugin.list.js');
  const plugins = await inPluginHouse((house) => house.get(PluginList).all());
  if (json) return print(JSON.stringify(plugins, null, 2));
  for (const { name, version, origin, status, versions, reason } of plugins) {
    const others = versions.filter((one) => one.version !== version).map((one) => `${one.version} ${one.status}`);
    print([name, version ?? '-', origin, status, ...others, ...(reason === null ? [] : [reason])].join('\t'));
  }
}
