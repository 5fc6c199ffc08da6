import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isScalar, parseDocument } from 'yaml';
import type { WrittenCase } from './case.file.js';
import type { Expectation } from './case.schema.js';
import type { CaseResult } from './case.report.js';
import { fixturePath } from './fixture.js';
import type { Ended } from './trial.js';

type Path = readonly (string | number)[];

interface Edit {
  readonly path: Path;
  /** Undefined: the member goes. */
  readonly value: unknown;
}

/**
 * Writes what came out into what is expected: checksums, data, and the fixtures that outputs are compared with. Only
 * where something of that kind is expected already, and the run ended as it should. For the author's own machine: the
 * file is read in this process.
 */
export class CaseUpdate {
  private readonly edits = new Map<string, Edit[]>();
  private fixtures = 0;

  /** @param directory the plugin's */
  constructor(private readonly directory: string) {}

  /** To be called before the outputs are removed. */
  async note({ file, status }: CaseResult, { index, expect }: WrittenCase, ended: Ended | undefined): Promise<void> {
    if (status !== 'failed' || ended === undefined || expect.status !== ended.status) return;
    const at: Path = ['cases', index, 'expect'];
    const edits = [
      ...('data' in expect && expect.data !== undefined ? changes(expect.data, ended.data, [...at, 'data']) : []),
      ...(await this.outputs(expect, ended, at)),
    ];
    this.edits.set(file, [...(this.edits.get(file) ?? []), ...edits]);
  }

  /** Writes the files, with their comments as they are. Answers in words what was written. */
  async write(): Promise<string[]> {
    const words = [];
    for (const [file, edits] of this.edits) {
      if (edits.length === 0) continue;
      await rewrite(join(this.directory, file), edits);
      words.push(`${file}: ${edits.length} updated`);
    }
    return this.fixtures === 0 ? words : [...words, `fixtures: ${this.fixtures} updated`];
  }

  private async outputs({ outputs = [] }: Expectation, ended: Ended, at: Path): Promise<Edit[]> {
    if (outputs.length !== ended.outputs.length) return [];
    const edits: Edit[] = [];
    for (const [index, wanted] of outputs.entries()) {
      const made = ended.outputs[index];
      if (made === undefined) continue;
      const path = [...at, 'outputs', index];
      if (wanted.sha256 !== undefined && wanted.sha256 !== made.sha256)
        edits.push({ path: [...path, 'sha256'], value: made.sha256 });
      if (wanted.json !== undefined) edits.push(...(await jsonChanges(wanted.json, made.path, [...path, 'json'])));
      if (wanted.same_as !== undefined) await this.replace(wanted.same_as, made.path);
    }
    return edits;
  }

  private async replace(fixture: string, path: string): Promise<void> {
    const known = await fixturePath(this.directory, fixture).catch(() => undefined);
    if (known !== undefined && (await readFile(known)).equals(await readFile(path))) return;
    await copyFile(path, known ?? join(this.directory, 'fixtures', fixture));
    this.fixtures += 1;
  }
}

async function jsonChanges(wanted: unknown, file: string, path: Path): Promise<Edit[]> {
  try {
    return changes(wanted, JSON.parse(await readFile(file, 'utf8')), path);
  } catch {
    return [];
  }
}

/** What must be written so that the wanted is found; what was not asked for stays unasked. */
function changes(wanted: unknown, found: unknown, path: Path): Edit[] {
  if (Array.isArray(wanted) && Array.isArray(found) && wanted.length === found.length)
    return wanted.flatMap((value, index) => changes(value, found[index], [...path, index]));
  if (isRecord(wanted) && isRecord(found))
    return Object.entries(wanted).flatMap(([name, value]) => changes(value, found[name], [...path, name]));
  return Object.is(wanted, found) ? [] : [{ path, value: found }];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Plain values are exchanged in the text itself; only where more changes, the file is laid out anew. */
async function rewrite(path: string, edits: readonly Edit[]): Promise<void> {
  const text = await readFile(path, 'utf8');
  const places = edits.map((edit) => ({ edit, place: placeOf(text, edit) }));
  const patched = places
    .flatMap(({ edit, place }) => (place ? [{ value: edit.value, ...place }] : []))
    .toSorted((a, b) => b.start - a.start)
    .reduce((text, { value, start, end }) => text.slice(0, start) + JSON.stringify(value) + text.slice(end), text);
  const others = places.flatMap(({ edit, place }) => (place ? [] : [edit]));
  await writeFile(path, others.length === 0 ? patched : relaid(patched, others));
}

/** Where a plain value stands that another plain value takes the place of. */
function placeOf(text: string, { path, value }: Edit): { readonly start: number; readonly end: number } | undefined {
  const node = parseDocument(text).getIn(path, true);
  if (value === undefined || (typeof value === 'object' && value !== null)) return undefined;
  if (!isScalar(node) || !node.range || node.anchor !== undefined) return undefined;
  return { start: node.range[0], end: node.range[1] };
}

function relaid(text: string, edits: readonly Edit[]): string {
  const document = parseDocument(text);
  for (const { path, value } of edits) {
    if (value === undefined) document.deleteIn(path);
    else document.setIn(path, document.createNode(value));
  }
  return document.toString({ lineWidth: 0 });
}
