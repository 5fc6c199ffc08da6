import { type Column, identifier, literal } from '../sql.text.ts';

/**
 * What a spreadsheet takes for the beginning of a formula: `=`, `+`, `-`, `@`, tab, line breaks, a zero byte, and the
 * wide forms of the signs.
 */
const FORMULA = '^[=+\\-@\\t\\r\\n\\x00\\x{FF1D}\\x{FF0B}\\x{FF0D}\\x{FF20}]';
/** A signed number calculates nothing. */
const NUMBER = '[+-]?\\d+([.,]\\d+)?';

const FORMULA_IN_NAME = /^[=+\-@\t\r\n\0\uFF1D\uFF0B\uFF0D\uFF20]/;

/** The columns of a query for formats that know only flat values: what is nested becomes JSON. */
export function flatColumns(columns: readonly Column[], neutral: boolean): string {
  return columns.map((column) => `${flat(column, neutral)} AS ${identifier(nameOf(column, neutral))}`).join(', ');
}

/** Names stand in cells, too. */
export function nameOf({ name }: Column, neutral: boolean): string {
  return neutral && FORMULA_IN_NAME.test(name) ? `'${name}` : name;
}

function flat({ name, type }: Column, neutral: boolean): string {
  const column = identifier(name);
  if (isNested(type)) return `to_json(${column})::VARCHAR`;
  if (type === 'BLOB') return `base64(${column})`;
  return neutral && isText(type) ? neutralised(column) : column;
}

/** With an apostrophe before it, a cell is text to every spreadsheet. */
function neutralised(column: string): string {
  const test = `regexp_matches(${column}::VARCHAR, ${literal(FORMULA)}) AND NOT regexp_full_match(${column}::VARCHAR, ${literal(NUMBER)})`;
  return `CASE WHEN ${test} THEN '''' || ${column} ELSE ${column}::VARCHAR END`;
}

function isNested(type: string): boolean {
  return /^(STRUCT|MAP|UNION)\b|\]$|^JSON$|^VARIANT$/.test(type);
}

function isText(type: string): boolean {
  return type === 'VARCHAR' || type.startsWith('ENUM');
}
