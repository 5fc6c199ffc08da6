import { createReadStream } from 'node:fs';
import Papa from 'papaparse';

/** Rows without the header, which names the columns; empty lines are none. The delimiter is found out. */
export function lookAtCsv(path: string): Promise<{ readonly rows: number; readonly columns: readonly string[] }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ rows: number; columns: readonly string[] }>();
  let columns: readonly string[] | undefined;
  let rows = 0;
  Papa.parse<string[]>(createReadStream(path, 'utf8'), {
    skipEmptyLines: true,
    step: ({ data }) => {
      if (columns === undefined) columns = withoutMark(data);
      else rows += 1;
    },
    complete: () => resolve({ rows, columns: columns ?? [] }),
    error: reject,
  });
  return promise;
}

/** Excel wants a byte order mark at the beginning. */
function withoutMark([first = '', ...more]: readonly string[]): string[] {
  return [first.replace(/^\uFEFF/, ''), ...more];
}
