import { documents, photographs, scans, type Source, tables, texts } from './catalogue.sources.ts';

/** A library in a process of its own, or a program. */
type Bare =
  | { readonly library: string }
  | { readonly program: string; readonly args: (inputs: readonly string[], output: string) => readonly string[] };

export interface Job {
  readonly tool: string;
  readonly options: object;
  /** Writes the inputs to a directory, the same on every machine. */
  readonly sources: (directory: string) => Promise<Source[]>;
  /** What the tool is compared with, in words. */
  readonly beside: string;
  readonly bare: Bare;
}

export const JOBS: readonly Job[] = [
  {
    tool: 'image-convert',
    options: { format: 'jpeg', width: 2_000 },
    sources: photographs,
    beside: 'sharp: JPEG of 24 megapixels to 2000 wide',
    bare: { library: 'sharp' },
  },
  {
    tool: 'pdf-merge',
    options: {},
    sources: documents,
    beside: 'qpdf: 20 documents of 200 pages',
    bare: { program: 'qpdf', args: (inputs, output) => ['--empty', '--pages', ...inputs, '--', output] },
  },
  {
    tool: 'data-convert',
    options: { to: 'parquet' },
    sources: tables,
    beside: 'DuckDB: CSV of 200 MB to Parquet',
    bare: { library: 'duckdb' },
  },
  {
    tool: 'archive-create',
    options: { format: 'zip' },
    sources: texts,
    beside: 'zip: 1000 files of 100 kB',
    bare: { program: 'zip', args: (inputs, output) => ['-q', '-j', `${output}.zip`, ...inputs] },
  },
  {
    tool: 'ocr-recognize',
    options: {},
    sources: scans,
    beside: 'tesseract: a page of A4 at 300 dpi',
    bare: { program: 'tesseract', args: ([input = ''], output) => [input, output] },
  },
];
