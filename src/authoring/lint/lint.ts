import { basename, dirname, join, resolve } from 'node:path';
import { readFile, writeFile } from 'node:fs/promises';
import { loadPlugin } from '../../plugins/plugin.loader.js';
import type { Sandbox } from '../../sandbox/sandbox.js';
import { readCases } from '../../trials/case.file.js';
import type { Finding } from './finding.js';
import { manifestFindings } from './manifest.rules.js';
import { optionFindings } from './option.rules.js';
import { permissionFindings } from './permission.rules.js';
import { type Folder, readFolder } from './sources.js';
import { brokenFinding, caseFindings, readmeFindings, toolFindings } from './tool.rules.js';

/** What is wrong with the plugin in a folder. Its code is only run by the sandbox, which asks what its tools are. */
export async function lint(path: string, sandbox: Sandbox): Promise<Finding[]> {
  const folder = await readFolder(resolve(path));
  const findings = [...manifestFindings(folder), ...(await pluginFindings(folder, sandbox))];
  return findings.toSorted(
    (a, b) => compare(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0) || compare(a.rule, b.rule),
  );
}

/** Mends what can be mended in only one way. Answers how many findings that were. */
export async function mend(path: string, findings: readonly Finding[]): Promise<number> {
  const mendable = findings.filter(({ fix }) => fix !== undefined);
  for (const [name, group] of Map.groupBy(mendable, ({ file }) => file)) {
    const file = join(path, name);
    const text = await readFile(file, 'utf8').catch(() => '');
    await writeFile(
      file,
      group.reduce((changed, { fix }) => fix?.(changed) ?? changed, text),
    );
  }
  return mendable.length;
}

async function pluginFindings(folder: Folder, sandbox: Sandbox): Promise<Finding[]> {
  const found = await loadPlugin(dirname(folder.path), basename(folder.path));
  if ('reason' in found)
    return isOfManifest(found.reason)
      ? []
      : [brokenFinding({ file: null, place: null, reason: `It ${found.reason}.` })];
  const { permissions } = found.code;
  const [{ tools, faults }, cases, uses] = await Promise.all([
    sandbox.describe(found.code),
    readCases(found, sandbox, folder.files),
    permissionFindings(folder, permissions),
  ]);
  return [
    ...faults.map(brokenFinding),
    ...tools.flatMap((tool) => [...toolFindings(tool, permissions), ...optionFindings(tool, folder)]),
    ...caseFindings(tools, cases),
    ...readmeFindings(folder, tools),
    ...uses,
  ];
}

/** The rules of the manifest tell it already, with the line. */
function isOfManifest(reason: string): boolean {
  return reason.includes('package.json');
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
