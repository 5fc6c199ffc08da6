import { z } from 'toolyard/sdk';

export const FORMATS = ['csv', 'json', 'ndjson', 'parquet', 'xlsx'] as const;
export type Format = (typeof FORMATS)[number];

const ENCODINGS = [
  ...(['auto', 'utf-8', 'utf-16le', 'utf-16be'] as const),
  ...(['windows-1250', 'windows-1251', 'windows-1252', 'windows-1253', 'windows-1254', 'windows-1256'] as const),
  ...(['iso-8859-2', 'iso-8859-15', 'koi8-r', 'macintosh', 'cp437', 'cp850', 'cp866'] as const),
  ...(['shift_jis', 'euc-jp', 'gb18030', 'big5', 'euc-kr'] as const),
] as const;

/** Options of every tool here: how the inputs are read, where their bytes do not tell. */
export const readingOptions = {
  from: z
    .enum(['auto', ...FORMATS])
    .default('auto')
    .describe(
      'Format of the inputs. By default each is judged by its content; xlsx stands for xls, xlsb and ods, too.',
    ),
  encoding: z
    .enum(ENCODINGS)
    .default('auto')
    .describe('Encoding of CSV files. By default it is detected. What cannot be decoded is rejected, never guessed.'),
  delimiter: z
    .enum([',', ';', '\t', '|'])
    .optional()
    .describe('What stands between the fields of CSV files. By default it is detected.'),
  header: z
    .enum(['auto', 'yes', 'no'])
    .default('auto')
    .describe(
      'Whether the first row of CSV files and worksheets has the names of the columns. By default it is judged.',
    ),
  sheet: z
    .string()
    .min(1)
    .max(31)
    .optional()
    .describe('Name of the worksheet to read from workbooks. By default the first.'),
};

const schema = z.object(readingOptions);

export type Reading = z.output<typeof schema>;
