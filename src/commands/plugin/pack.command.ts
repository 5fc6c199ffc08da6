import { relative } from 'node:path';
import type { Command } from 'commander';
import type { Print } from '../print.js';

export function addPackCommand(plugin: Command, print: Print): void {
  plugin
    .command('pack [folder]')
    .description('make the package of a plugin, with the hash of every file; exit code 1 with all reasons against it')
    .option('--out <directory>', 'where the package is to be', '.')
    .option('--json', 'print one JSON document')
    .action((folder: string | undefined, { out, json }: { out: string; json?: true }) =>
      pack(folder ?? '.', out, json ?? false, print),
    );
}

async function pack(folder: string, out: string, json: boolean, print: Print): Promise<void> {
  const [{ withSandbox }, { PackageMaker }, { permissionWords }, { withoutCases }] = await Promise.all([
    import('../../trials/trial.ground.js'),
    import('../../plugins/packages/package.maker.js'),
    import('../../plugins/permission.changes.js'),
    import('../../trials/case.file.js'),
  ]);
  const { path, bytes, sha256, lock } = await withSandbox((sandbox) => new PackageMaker(sandbox).make(folder, out));
  const { name, version, tools, files, permissions } = lock;
  const names = tools.map((tool) => tool.name);
  const untested = withoutCases(tools, Object.keys(files));
  if (json)
    return print(JSON.stringify({ path, bytes, sha256, name, version, tools: names, untested, permissions }, null, 2));
  print(`${name}@${version}: ${names.join(', ')}`);
  print(`Asks for: ${permissionWords(permissions).join(', ') || 'nothing'}`);
  print(`${relative('.', path)}: ${Object.keys(files).length + 1} files, ${bytes} bytes, SHA-256 ${sha256}`);
  if (untested.length > 0)
    print(`No cases: ${untested.join(', ')}. Platforms refuse to install that, unless they are told --untested.`);
}
