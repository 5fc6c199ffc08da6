/**
 * How every table is written. Few programs look into Bloom filters, and for most tables they would cost more time than they
 * could save: some 3 % of a conversion.
 */
export const PARQUET = 'FORMAT parquet, COMPRESSION zstd, WRITE_BLOOM_FILTER false';

/** The name of a column or a table, quoted for SQL. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text, quoted for SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Names and types, as `read_csv` wants its columns. */
export function columnStruct(columns: readonly Column[]): string {
  return `{${columns.map(({ name, type }) => `${literal(name)}: ${literal(type)}`).join(', ')}}`;
}

/** A column of a table. */
export interface Column {
  readonly name: string;
  /** As DuckDB writes it, such as `BIGINT` or `STRUCT(a INTEGER)`. */
  readonly type: string;
}
