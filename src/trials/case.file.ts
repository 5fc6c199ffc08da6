import type { z } from 'zod';
import type { Plugin } from '../plugins/plugin.loader.js';
import { stemOf } from '../plugins/tool.file.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import type { YamlFile } from '../sandbox/yaml.file.js';
import { type Case, casesSchema } from './case.schema.js';

export const CASES_FILE = /^([^/]+)\.cases\.ya?ml$/;

/** Names of the tools for which none of these files has cases. */
export function withoutCases(
  tools: readonly { readonly file: string; readonly name: string }[],
  files: readonly string[],
): string[] {
  const stems = new Set(files.map((file) => CASES_FILE.exec(file)?.[1]));
  return tools.filter(({ file, name }) => !stems.has(name) && !stems.has(stemOf(file))).map(({ name }) => name);
}

/** Why a file of cases cannot be used, or a part of it, in a sentence for its author. */
export interface FileFault {
  readonly file: string;
  /** Counted from 1; null when the fault is that of the whole file. */
  readonly line: number | null;
  readonly reason: string;
}

export interface WrittenCase extends Case {
  /** Counted from 0, in its file. */
  readonly index: number;
  readonly line: number | null;
}

export interface CaseFile {
  readonly file: string;
  /** What stands before `.cases.yaml`: the name of the tool's file without its end. */
  readonly stem: string;
  readonly cases: readonly WrittenCase[];
  readonly faults: readonly FileFault[];
}

/** Reads all files of cases that a plugin has. @param files as they lie in the plugin's directory */
export async function readCases(plugin: Plugin, sandbox: Sandbox, files: readonly string[]): Promise<CaseFile[]> {
  const named = files.filter((file) => CASES_FILE.test(file));
  if (named.length === 0) return [];
  const read = await sandbox.readYaml(plugin.code, named);
  return named.map((file, index) => understood(file, read[index]));
}

function understood(file: string, yaml: YamlFile | undefined): CaseFile {
  const stem = CASES_FILE.exec(file)?.[1] ?? file;
  const broken = (...faults: FileFault[]): CaseFile => ({ file, stem, cases: [], faults });
  if (!yaml || yaml.fault !== null)
    return broken({ file, line: yaml?.line ?? null, reason: yaml?.fault ?? 'It was not read.' });
  const parsed = casesSchema.safeParse(yaml.content);
  if (!parsed.success) return broken(...parsed.error.issues.flatMap((issue) => faultsOf(file, yaml, issue)));
  const cases = parsed.data.cases.map((written, index) => ({
    ...written,
    index,
    line: yaml.lines[`cases/${index}`] ?? null,
  }));
  return { file, stem, cases, faults: twins(file, cases) };
}

function faultsOf(file: string, yaml: YamlFile, issue: z.core.$ZodIssue): FileFault[] {
  const words =
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...issue.path, key], reason: `${key} is not a word that belongs here` }))
      : [{ path: issue.path, reason: `${called(issue.path)}: ${issue.message}` }];
  return words.map(({ path, reason }) => ({
    file,
    line: lineOf(yaml, path),
    reason: `${reason}${within(yaml, path)}.`,
  }));
}

/** Of the member itself, or of the nearest one around it. */
function lineOf({ lines }: YamlFile, path: readonly PropertyKey[]): number | null {
  for (let length = path.length; length > 0; length--) {
    const line = lines[path.slice(0, length).map(String).join('/')];
    if (line !== undefined) return line;
  }
  return null;
}

/** A member, by its path inside its case. */
function called(path: readonly PropertyKey[]): string {
  return (
    path
      .slice(path.length > 2 ? 2 : 0)
      .map(String)
      .join('.') || 'The file'
  );
}

/** The case in which something is wrong, by its name. */
function within({ content }: YamlFile, [first, index]: readonly PropertyKey[]): string {
  if (first !== 'cases' || typeof index !== 'number') return '';
  const cases = Object(content).cases;
  const name: unknown = Array.isArray(cases) ? Object(cases[index]).name : undefined;
  return typeof name === 'string' ? `, in “${name}”` : `, in case ${index + 1}`;
}

function twins(file: string, cases: readonly WrittenCase[]): FileFault[] {
  const known = new Set<string>();
  return cases.flatMap(({ name, line }) => {
    if (!known.has(name)) {
      known.add(name);
      return [];
    }
    return [{ file, line, reason: `There are two cases called “${name}”.` }];
  });
}
