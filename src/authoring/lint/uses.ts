import { builtinModules } from 'node:module';
import { lineAt } from './finding.js';
import type { Source } from './sources.js';

/** Something that a source does for which the manifest must name something. */
export interface Use {
  readonly kind: 'net' | 'exec' | 'env' | 'addon' | 'child_process' | 'threads' | 'package' | 'outside';
  /** The program, the variable, the package or the module; empty where it is only known when it runs. */
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

const IMPORT =
  /\b(?:import|export)\b[^'"`;]*?\bfrom\s*(['"])([^'"\n]+)\1|\b(?:import|require)\s*\(?\s*(['"])([^'"\n]+)\3/g;
const NETWORK_MODULES = new Set(['http', 'https', 'http2', 'net', 'tls', 'dgram', 'dns', 'dns/promises']);
const NETWORK_PACKAGES = /^(undici|ws|axios|got|ky|node-fetch|superagent)$/;
const NETWORK_CALLS = /(?<![.\w$])fetch\s*\(|\bnew\s+(?:WebSocket|EventSource)\b/g;
const EXEC = /(?<![\w$])exec\s*\(\s*(?:(['"])([^'"\n]+)\1)?/g;
/** What is set for programs that the tool starts is not read. */
const VARIABLE = /\bprocess\.env(?:\.(\w+)|\[\s*(['"])(\w+)\2\s*\])?(?!\w|\s*=[^=])/g;
/** The platform sets them for each run. */
const GIVEN = new Set(['TMPDIR', 'HOME']);
const ADDON = /(['"])[^'"\n]+\.node\1|\bprocess\.dlopen\b/g;

/** What a declared tool names, each on a line that begins with its field, or in the braces of `command`. */
const DECLARED: readonly (readonly [Use['kind'], RegExp])[] = [
  ['net', /^url:\s*['"]?(https?:\/\/[^\s'"]+)/gm],
  ['env', /^secret:\s*['"]?(\w+)/gm],
  ['exec', /(?:^\s*|[{,]\s*)program:\s*['"]?([\w.+-]+)/gm],
];

/** What a source uses, found without running it. What is put together at run time is not found. */
export function usesIn(source: Source): Use[] {
  return /\.ya?ml$/.test(source.file) ? usesOfDeclared(source) : usesOfCode(source);
}

function usesOfDeclared({ file, code }: Source): Use[] {
  return DECLARED.flatMap(([kind, pattern]) =>
    [...code.matchAll(pattern)].map(({ 0: text, 1: name = '', index }) => {
      return { kind, name, file, line: lineAt(code, index + text.length) };
    }),
  );
}

function usesOfCode(source: Source): Use[] {
  const { code, bare } = source;
  // An import ends with a string, and so may what is run; but nothing of it begins in one.
  const all = (pattern: RegExp) => [...code.matchAll(pattern)].filter(({ index }) => bare[index] === code[index]);
  const at = (kind: Use['kind'], name: string, index: number): Use => {
    return { kind, name, file: source.file, line: lineAt(code, index) };
  };
  return [
    ...all(IMPORT).flatMap((found) =>
      kindsOfImport(found[2] ?? found[4] ?? '', source.file).map(([kind, name]) => at(kind, name, found.index)),
    ),
    ...all(NETWORK_CALLS).map((found) => at('net', found[0].replace(/\s*\($/, ''), found.index)),
    ...all(EXEC)
      .filter(isOfRun(code))
      .map((found) => at('exec', found[2] ?? '', found.index)),
    ...all(VARIABLE)
      .filter((found) => !GIVEN.has(found[1] ?? found[3] ?? ''))
      .map((found) => at('env', found[1] ?? found[3] ?? '', found.index)),
    ...[...code.matchAll(ADDON)].map((found) => at('addon', found[0], found.index)),
  ];
}

/** Whether a word stands in the sources as a string, or, in YAML, as a word. */
export function isNamed(word: string, sources: readonly Source[]): boolean {
  return sources.some(({ file, code }) =>
    /ya?ml$/.test(file) ? code.split(/[\s,:[\]{}'"]+/).includes(word) : new RegExp(`['"\`]${word}['"\`]`).test(code),
  );
}

function kindsOfImport(specifier: string, file: string): [Use['kind'], string][] {
  if (specifier === 'toolyard/sdk') return [];
  if (specifier.startsWith('.')) return leavesFolder(specifier, file) ? [['outside', specifier]] : [];
  if (specifier.startsWith('/') || specifier.startsWith('file:')) return [['outside', specifier]];
  const bare = specifier.replace(/^node:/, '');
  if (specifier.startsWith('node:') || builtinModules.includes(bare)) return builtin(bare);
  const name = packageOf(specifier);
  return [['package', name], ...(NETWORK_PACKAGES.test(name) ? [['net', name] as [Use['kind'], string]] : [])];
}

function builtin(name: string): [Use['kind'], string][] {
  if (NETWORK_MODULES.has(name)) return [['net', `node:${name}`]];
  if (name === 'child_process') return [['child_process', `node:${name}`]];
  if (name === 'worker_threads' || name === 'cluster') return [['threads', `node:${name}`]];
  return [];
}

function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

function leavesFolder(specifier: string, file: string): boolean {
  let depth = file.split('/').length - 1;
  for (const part of specifier.split('/')) {
    if (part === '..') depth -= 1;
    else if (part !== '.') depth += 1;
    if (depth < 0) return true;
  }
  return false;
}

/** `run.exec(…)`, or `exec(…)` of a run that was taken apart; not `pattern.exec(…)`. */
function isOfRun(code: string): (found: RegExpExecArray) => boolean {
  return ({ index, 2: name }) => {
    const before = code.slice(Math.max(0, index - 40), index);
    if (/\brun\.$/.test(before)) return true;
    return (
      !before.endsWith('.') &&
      !/\bfunction\s+$|\basync\s+$/.test(before) &&
      (name !== undefined || /[{,]\s*exec\b/.test(code))
    );
  };
}
