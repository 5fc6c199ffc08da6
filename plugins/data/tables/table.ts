import type { Column } from '../sql.text.ts';
import type { ToldRejection } from './rejects.ts';

/** A table as all tools here know it: a Parquet file, and what became of the file that it was made from. */
export interface Table {
  /** Of a Parquet file: the input itself, or one in the workspace. */
  readonly path: string;
  readonly columns: readonly Column[];
  readonly report: TableReport;
  /** Of the file with what was rejected, if anything was. */
  readonly rejects: string | undefined;
}

/** For the user: each record and each byte of the input is accounted for. */
export interface TableReport {
  readonly name: string;
  readonly format: string;
  readonly rows: number;
  /** Of CSV: how it was read. */
  readonly encoding?: string;
  readonly delimiter?: string;
  readonly header?: boolean;
  readonly rejected?: {
    readonly count: number;
    readonly reasons: Readonly<Record<string, number>>;
    readonly first: readonly ToldRejection[];
  };
  /** Accepted and rejected ones are all there are. */
  readonly bytes?: { readonly input: number; readonly accepted: number; readonly rejected: number };
}
