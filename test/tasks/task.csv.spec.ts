import { describe, expect, it } from '@jest/globals';
import { csvHeader, csvLine } from '../../src/tasks/lists/task.csv.js';
import { taskDocument } from '../../src/tasks/task.document.js';
import { pendingTask } from './task.rows.js';

const TAG = csvHeader().trimEnd().split(',').indexOf('tag');

/** The cell of a tag, as it stands in the line; no tag here has a comma. */
const cellOf = (tag: string): string => csvLine(taskDocument(pendingTask({ tag }))).split(',')[TAG] ?? '';

describe('a line of CSV', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '\0=1', '  =1', '＝1', '＋1', '－1', '＠x'])(
    'has an apostrophe before %j',
    (tag) => {
      expect(cellOf(tag)).toMatch(/^"?'/);
      expect(cellOf(tag)).not.toContain('\0');
    },
  );

  it.each(['plain', 'a=b', '1-2', 'x@y.z', '2026-11-22', ''])('leaves %j as it is', (tag) => {
    expect(cellOf(tag)).toBe(tag);
  });

  it('quotes what would end a cell (RFC 4180), and has a cell for each column', () => {
    const line = csvLine(taskDocument(pendingTask({ tag: 'say "a, b"' })));

    expect(line).toContain(',"say ""a, b""",');
    expect(line.endsWith('\r\n')).toBe(true);
    expect(csvLine(taskDocument(pendingTask())).split(',')).toHaveLength(csvHeader().split(',').length);
  });
});
