import type { PluginPermissions } from '../../sandbox/plugin.code.js';
import { type Finding, lineOf, literally } from './finding.js';
import { isNative } from './native.packages.js';
import { withoutPermission } from './manifest.edit.js';
import type { Folder } from './sources.js';
import { isNamed, type Use, usesIn } from './uses.js';

/** What the sources use and the manifest does not name, and the other way round. */
export async function permissionFindings(folder: Folder, granted: PluginPermissions): Promise<Finding[]> {
  const uses = folder.sources.flatMap(usesIn);
  const packages = [...new Set(uses.filter(({ kind }) => kind === 'package').map(({ name }) => name))];
  const natives = [];
  for (const name of packages) if (await isNative(name, folder.path)) natives.push(name);
  const all = { folder, granted, uses, natives, usesPackages: packages.length > 0 };
  return [...uses.flatMap((use) => undeclared(use, all)), ...unused(all)];
}

interface Known {
  readonly folder: Folder;
  readonly granted: PluginPermissions;
  readonly uses: readonly Use[];
  /** Packages with native code. */
  readonly natives: readonly string[];
  readonly usesPackages: boolean;
}

function undeclared(use: Use, { granted, natives }: Known): Finding[] {
  const { name, file, line } = use;
  const found = (rule: string, sentence: string, mend: string): Finding[] => [{ rule, file, line, sentence, mend }];
  switch (use.kind) {
    case 'net':
      if (granted.net.length > 0) return [];
      return found('undeclared-net', `${name} reaches the network.`, 'Name its hosts in toolyard.permissions.net.');
    case 'exec':
      if (name === '' || granted.exec.includes(name)) return [];
      return found('undeclared-exec', `It runs ${name}.`, `Name ${name} in toolyard.permissions.exec.`);
    case 'env':
      if (name === '' || granted.env.includes(name)) return [];
      return found('undeclared-env', `It reads the variable ${name}.`, `Name ${name} in toolyard.permissions.env.`);
    case 'addon':
      return granted.addons ? [] : found('undeclared-addon', 'It loads native code.', ADDONS);
    case 'package':
      if (granted.addons || !natives.includes(name)) return [];
      return found('undeclared-addon', `The package ${name} brings native code.`, ADDONS);
    case 'child_process':
      return found(
        'child-process',
        'It starts programs by itself.',
        'Start them with run.exec: they end with the run.',
      );
    case 'threads':
      return found('threads', 'Threads cannot be started in the sandbox.', 'Work in one thread, or use run.exec.');
    case 'outside':
      return found(
        'outside-import',
        `${name} lies outside of the plugin.`,
        'Move it into the folder, or into a package.',
      );
    default:
      return use.kind satisfies never;
  }
}

const ADDONS = 'Set toolyard.permissions.addons to true.';

/** A package may do what the sources do not show: what it may need is not counted as unused. */
function unused({ folder, granted, uses, natives, usesPackages }: Known): Finding[] {
  const isUsed = (kind: Use['kind'], name?: string) =>
    uses.some((use) => use.kind === kind && (name === undefined || use.name === name));
  const exec = granted.exec.filter((name) => !isNamed(name, folder.sources)).map((name) => ['exec', name] as const);
  const env = granted.env
    .filter((name) => !usesPackages && !isUsed('env', name) && !isNamed(name, folder.sources))
    .map((name) => ['env', name] as const);
  const net = usesPackages || isUsed('net') || granted.exec.length > 0 ? [] : granted.net;
  const addons = granted.addons && natives.length === 0 && !isUsed('addon') && !usesPackages;
  return [
    ...[...exec, ...env, ...net.map((host) => ['net', host] as const)].map(([kind, name]) =>
      surplus(folder, kind, name),
    ),
    ...(addons ? [surplus(folder, 'addons', 'addons')] : []),
  ];
}

function surplus({ manifest }: Folder, kind: 'exec' | 'env' | 'net' | 'addons', name: string): Finding {
  return {
    rule: `unused-${kind}`,
    file: 'package.json',
    line: lineOf(manifest, new RegExp(`"${literally(name)}"`)),
    sentence: kind === 'addons' ? 'Nothing here needs native code.' : `Nothing here uses ${name}.`,
    mend: `Take it out of toolyard.permissions.${kind}: whoever installs the plugin is shown it.`,
    fix: withoutPermission(kind, name),
  };
}
