import { ToolError } from 'toolyard/sdk';
import { MAX_CELLS, MAX_COLUMNS } from '../caps.ts';
import { BufferedFile } from '../tables/buffered.file.ts';
import type { Column } from '../sql.text.ts';

export type Cell = string | number | boolean | Date | null | undefined;

type Kind = 'text' | 'whole' | 'number' | 'boolean' | 'date' | 'time';

/** What the cells of one column have in common is its type; what have nothing in common are texts. */
class Kinds {
  private readonly seen = new Set<Kind>();

  add(kind: Kind): void {
    this.seen.add(kind);
  }

  get type(): string {
    const kinds = [...this.seen].toSorted().join(' ');
    return TYPES[kinds] ?? 'VARCHAR';
  }
}

const TYPES: Readonly<Record<string, string>> = {
  whole: 'BIGINT',
  number: 'DOUBLE',
  'number whole': 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  time: 'TIMESTAMP',
  'date time': 'TIMESTAMP',
};

/** Takes the rows of a worksheet and writes them down as CSV, in which every text is in quotes. */
export class SheetFile implements AsyncDisposable {
  rows = 0;
  private readonly file: BufferedFile;
  private readonly kinds: Kinds[] = [];
  private readonly lines: string[] = [];
  private names: string[] | undefined;
  private readonly header: 'auto' | 'yes' | 'no';
  private cells = 0;

  constructor(path: string, header: 'auto' | 'yes' | 'no') {
    this.file = new BufferedFile(path);
    this.header = header;
  }

  get hasHeader(): boolean {
    return this.names !== undefined;
  }

  /** Names are made unique, and given where there are none. */
  get columns(): Column[] {
    const taken = new Set<string>();
    return this.kinds.map(({ type }, index) => {
      const name = unique(this.names?.[index]?.trim() || `column${index + 1}`, taken);
      return { name, type };
    });
  }

  async add(values: readonly Cell[]): Promise<void> {
    if (values.every((value) => value === null || value === undefined || value === '')) return;
    if (values.length > MAX_COLUMNS) {
      throw new ToolError('too_many_columns', `The worksheet has more than ${MAX_COLUMNS} columns.`);
    }
    this.cells += values.length;
    if (this.cells > MAX_CELLS)
      throw new ToolError('too_many_cells', `The worksheet has more than ${MAX_CELLS} cells.`);
    if (this.rows === 0 && this.names === undefined && this.isHeader(values)) {
      this.names = values.map((value) => textOf(value));
      for (const _ of values) this.kinds.push(new Kinds());
      return;
    }
    this.rows++;
    this.lines.push(this.line(values));
    if (this.lines.length >= 10_000) await this.write();
  }

  async close(): Promise<void> {
    await this.write();
    await this.file.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.file[Symbol.asyncDispose]();
  }

  private isHeader(values: readonly Cell[]): boolean {
    if (this.header !== 'auto') return this.header === 'yes';
    return values.every((value) => value === null || value === undefined || typeof value === 'string');
  }

  private line(values: readonly Cell[]): string {
    while (this.kinds.length < values.length) this.kinds.push(new Kinds());
    return values.map((value, index) => this.field(value, index)).join(',');
  }

  private field(value: Cell, index: number): string {
    if (value === null || value === undefined || value === '') return '';
    this.kinds[index]?.add(kindOf(value));
    return `"${textOf(value).replaceAll('"', '""')}"`;
  }

  private async write(): Promise<void> {
    if (this.lines.length > 0) this.file.add(Buffer.from(`${this.lines.join('\n')}\n`));
    this.lines.length = 0;
    await this.file.settle();
  }
}

function unique(name: string, taken: Set<string>): string {
  let free = name;
  for (let count = 1; taken.has(free.toLowerCase()); count++) free = `${name}_${count}`;
  taken.add(free.toLowerCase());
  return free;
}

function kindOf(value: string | number | boolean | Date): Kind {
  if (typeof value === 'string') return 'text';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'whole' : 'number';
  return value.getTime() % 86_400_000 === 0 ? 'date' : 'time';
}

function textOf(value: Cell): string {
  if (value === null || value === undefined) return '';
  if (!(value instanceof Date)) return String(value);
  const text = Number.isNaN(value.getTime()) ? '' : value.toISOString();
  return value.getTime() % 86_400_000 === 0 ? text.slice(0, 10) : text.slice(0, -1).replace('T', ' ');
}
