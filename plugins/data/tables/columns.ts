import { ToolError } from 'toolyard/sdk';
import type { Column } from '../sql.text.ts';

/** Finds columns by their names, whatever their case; as DuckDB does. Throws ToolError for one that is not there. */
export function findColumns(columns: readonly Column[], names: readonly string[]): Column[] {
  return names.map((name) => {
    const found = columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
    if (found) return found;
    const known = columns.slice(0, 20).map((column) => JSON.stringify(column.name.slice(0, 40)));
    throw new ToolError(
      'column_missing',
      `There is no column ${JSON.stringify(name.slice(0, 80))}. There are: ${known.join(', ')}.`,
    );
  });
}
