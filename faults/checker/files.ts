import { type Finding, finding } from './finding.ts';
import type { FileRow, StoredFile, TaskRow } from './rows.ts';

export interface Kept {
  readonly files: readonly FileRow[];
  readonly tasks: readonly TaskRow[];
  readonly stored: readonly StoredFile[];
  /** SHA-256 of everything that a client sent. */
  readonly sent: ReadonlySet<string>;
}

/** Rows, bytes and tasks agree: no row without its bytes, no bytes without their row, no output of no task. */
export function judgeFiles({ files, tasks, stored, sent }: Kept): Finding[] {
  const bytes = new Map(stored.map((file) => [file.name, file]));
  const rows = new Map(files.map((file) => [file.id, file]));
  const named = new Set(tasks.flatMap(({ outputs }) => outputs.map(({ file_id }) => file_id)));
  return [
    ...files.flatMap((row) => judgeRow(row, bytes.get(row.id), named.has(row.id) || sent.has(row.sha256))),
    ...stored
      .filter(({ name }) => !rows.has(name))
      .map(({ name }) => finding('file', `The bytes ${name} have no row.`)),
    ...[...named].filter((id) => !rows.has(id)).map((id) => finding('lost', `The output ${id} of a task has no row.`)),
  ];
}

function judgeRow(row: FileRow, bytes: StoredFile | undefined, isWanted: boolean): Finding[] {
  const { id, stored, purged, sha256 } = row;
  if (purged) return bytes ? [finding('file', `The file ${id} was purged, and its bytes are there.`)] : [];
  if (!stored) return [finding('file', `The file ${id} was begun and is neither finished nor removed.`)];
  if (!bytes) return [finding('lost', `The file ${id} has no bytes.`)];
  if (bytes.sha256 !== sha256) return [finding('wrong', `The bytes of the file ${id} are not those of its row.`)];
  return isWanted ? [] : [finding('file', `The file ${id} is an output that no task has.`)];
}
