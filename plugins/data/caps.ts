/** What a table may be, whatever it is read from: each is checked, and passing one is a ToolError. */

/** Columns of one table. */
export const MAX_COLUMNS = 2_000;

/** Bytes of one record of a CSV file, line breaks inside quotes included. */
export const MAX_RECORD_BYTES = 1_000_000;

/** Bytes of one object of a JSON file. */
export const MAX_OBJECT_BYTES = 16_000_000;

/** Levels of objects and lists inside each other in a JSON file. */
export const MAX_NESTING = 64;

/** Cells of one worksheet that is read. */
export const MAX_CELLS = 50_000_000;

/** Bytes that the parts of a workbook may have together, once unpacked. */
export const MAX_UNPACKED_BYTES = 1_000_000_000;

/** Rows of a worksheet, the header among them: what Excel can open. */
export const MAX_SHEET_ROWS = 1_048_576;

/** Characters of one cell of a worksheet: what Excel can open. */
export const MAX_CELL_CHARACTERS = 32_767;
