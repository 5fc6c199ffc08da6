/** A table in plain text: the first column to the left, figures to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length)));
  const lines = [head, ...rows].map((row) =>
    widths.map((width, column) => pad(row[column] ?? '', width, column)).join('   '),
  );
  return lines.map((line) => `  ${line}`.trimEnd()).join('\n');
}

/** A figure with about three digits; a dash when it is not known. */
export function figure(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '-';
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

/** A figure and what it should be: `0.83, target ≥ 0.75: reached`. */
export function verdict(value: number, comparison: '≥' | '≤' | '<', target: number): string {
  const reached = { '≥': value >= target, '≤': value <= target, '<': value < target }[comparison];
  return `${figure(value)}, target ${comparison} ${target}: ${reached ? 'reached' : 'MISSED'}`;
}

function pad(text: string, width: number, column: number): string {
  return column === 0 ? text.padEnd(width) : text.padStart(width);
}
