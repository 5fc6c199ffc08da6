import { posix } from 'node:path';
import type { Manifest } from '../plugin.manifest.js';
import { isInPackage, type PluginFile } from '../plugin.files.js';
import { LOCK_FILE } from './package.lock.js';
import { PACKAGE_LIMITS } from './package.limits.js';

/** In every package, whether it is named or not; as npm does it. */
const ALWAYS = /^(package\.json|readme(\.\w+)?|licen[cs]e(\.\w+)?|changelog(\.\w+)?|notice(\.\w+)?)$/i;
/** What lies in a folder for other reasons, and never leaves it. */
const LEFT_OUT = /^(package-lock\.json|npm-shrinkwrap\.json|tsconfig\.json|[^/]+\.tgz)$/;
/** What somebody would be sorry to have published. */
const SECRET =
  /(^|\/)(id_(rsa|dsa|ecdsa|ed25519)|[^/]+\.(pem|key|p12|pfx|kdbx)|credentials(\.json)?|\.env[^/]*|\.npmrc|\.netrc)$/i;
/** Run by npm, on the machine of whoever installs the package. */
const INSTALL_SCRIPTS = [
  'preinstall',
  'install',
  'postinstall',
  'dependencies',
  'preprepare',
  'prepare',
  'postprepare',
  'prepublish',
  'prepack',
  'postpack',
];

/** What a package would contain, and every reason not to make it, as sentences. */
export interface PackageContents {
  readonly files: readonly string[];
  readonly faults: readonly string[];
}

/**
 * Looks through the folder of a plugin: what its manifest names goes into the package, with the packages that it bundles.
 * A file that it does not name is a fault: nobody knows whether it was forgotten or must not be seen.
 */
export function contentsOf(manifest: Manifest, all: readonly PluginFile[]): PackageContents {
  const bundled = bundledFiles(manifest, all);
  const own = all.filter(({ path }) => !isInPackage(path));
  const named = own.filter(({ path }) => isNamed(path, manifest.files ?? []));
  const files = [...named, ...bundled.files].map(({ path }) => path);
  const faults = [
    ...(manifest.files ? [] : ['Its package.json has no `files`, which name what belongs to it.']),
    ...(manifest.files ?? [])
      .filter((pattern) => pattern.startsWith('!'))
      .map((pattern) => `\`files\` has ${pattern}: only what belongs to it can be named.`),
    ...undeclared(own, named),
    ...named.flatMap(ownFault),
    ...[...named, ...bundled.files].flatMap(anyFault),
    ...scriptFaults(manifest, own),
    ...bundled.faults,
    ...(files.length > PACKAGE_LIMITS.files ? [`It has more than ${PACKAGE_LIMITS.files} files.`] : []),
  ];
  return { files: files.toSorted(), faults };
}

/** What makes npm run something on the machine of whoever installs the package. */
export function scriptFaults({ scripts }: Manifest, files: readonly Pick<PluginFile, 'path'>[]): string[] {
  const found = INSTALL_SCRIPTS.filter((name) => name in scripts);
  return [
    ...found.map((name) => `Its package.json has the script ${name}, which would run where it is installed.`),
    ...(files.some(({ path }) => path === 'binding.gyp') ? ['It has a binding.gyp, by which npm would build it.'] : []),
  ];
}

function isNamed(path: string, patterns: readonly string[]): boolean {
  if (ALWAYS.test(path)) return true;
  return patterns.some((pattern) => {
    const plain = posix
      .normalize(pattern)
      .replace(/^\.?\//, '')
      .replace(/\/$/, '');
    return plain === path || path.startsWith(`${plain}/`) || posix.matchesGlob(path, plain) || plain === '.';
  });
}

function undeclared(own: readonly PluginFile[], named: readonly PluginFile[]): string[] {
  const known = new Set(named.map(({ path }) => path));
  return own
    .filter(({ path }) => !known.has(path) && !isHidden(path) && !LEFT_OUT.test(path))
    .map(({ path }) => `${path} is not named in \`files\` of package.json.`);
}

function ownFault({ path }: PluginFile): string[] {
  if (path === LOCK_FILE) return [`${LOCK_FILE} is made by packing: remove it.`];
  return isHidden(path) ? [`${path} is a hidden file: it does not belong in a package.`] : [];
}

function anyFault({ path, kind }: PluginFile): string[] {
  if (kind !== 'file') return [`${path} is ${kind === 'link' ? 'a symbolic link' : 'no file'}.`];
  if (!isInPackage(path) && SECRET.test(path)) return [`${path} looks like a secret.`];
  return path.length > PACKAGE_LIMITS.path ? [`${path} is a path that is too long.`] : [];
}

function isHidden(path: string): boolean {
  return path.split('/').some((name) => name.startsWith('.'));
}

/**
 * Packages that the plugin needs travel with it: what is installed is what was packed, no registry is asked, and no script
 * of theirs is run. So each dependency must be bundled, and here, with all that it needs in turn.
 */
function bundledFiles(manifest: Manifest, all: readonly PluginFile[]): { files: PluginFile[]; faults: string[] } {
  const named = manifest.bundleDependencies ?? manifest.bundledDependencies ?? [];
  const wanted = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
  const bundled = named === true ? wanted : named === false ? [] : named;
  const faults = [
    ...wanted
      .filter((name) => !bundled.includes(name))
      .map((name) => `It depends on ${name} and does not bundle it: name it in \`bundleDependencies\`.`),
    ...bundled
      .filter((name) => !all.some(({ path }) => path.startsWith(`node_modules/${name}/`)))
      .map((name) => `The bundled package ${name} is not in node_modules: install it first.`),
  ];
  if (bundled.length === 0) return { files: [], faults };
  const files = all.filter(({ path }) => path.startsWith('node_modules/') && !isHidden(path));
  return { files, faults };
}
