import type { TaskDocument } from '../task.document.js';

type Cell = string | number | boolean | null | undefined;

const COLUMNS: readonly (readonly [string, (task: TaskDocument) => Cell])[] = [
  ['task_id', (task) => task.task_id],
  ['tool', (task) => task.tool.name],
  ['version', (task) => task.tool.version],
  ['status', (task) => task.status],
  ['tag', (task) => task.tag],
  ['priority', (task) => task.priority],
  ['attempt', (task) => task.attempt],
  ['created_at', (task) => task.created_at],
  ['started_at', (task) => task.started_at],
  ['finished_at', (task) => task.finished_at],
  ['expires_at', (task) => task.expires_at],
  ['cache_hit', (task) => task.cache_hit],
  ['retry_of', (task) => task.retry_of],
  ['inputs', (task) => namesOf(task.inputs)],
  ['input_bytes', (task) => bytesOf(task.inputs)],
  ['outputs', (task) => namesOf(task.outputs)],
  ['output_bytes', (task) => bytesOf(task.outputs)],
  ['wall_ms', (task) => task.usage?.wall_ms],
  ['cpu_ms', (task) => task.usage?.cpu_ms],
  ['max_rss_bytes', (task) => task.usage?.max_rss_bytes],
  ['error_code', (task) => task.error?.code],
  ['error_message', (task) => task.error?.message],
];

/** What a spreadsheet takes for a formula, or strips before it looks (OWASP, CSV injection), and the wide forms of it. */
const FORMULA = /^[\s\0]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n\0]/;

/** The first line of RFC 4180. */
export function csvHeader(): string {
  return line(COLUMNS.map(([name]) => name));
}

export function csvLine(task: TaskDocument): string {
  return line(COLUMNS.map(([, cell]) => cell(task)));
}

function line(cells: readonly Cell[]): string {
  return `${cells.map(quoted).join(',')}\r\n`;
}

/** Text that could be a formula gets an apostrophe before it: the client chose its names and tags, and others open the file. */
function quoted(cell: Cell): string {
  if (typeof cell !== 'string') return String(cell ?? '');
  const text = (FORMULA.test(cell) ? `'${cell}` : cell).replaceAll('\0', '');
  return /[",\r\n;\t']/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function namesOf(files: TaskDocument['inputs']): string {
  return files.map(({ name }) => name).join('; ');
}

function bytesOf(files: TaskDocument['inputs']): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}
