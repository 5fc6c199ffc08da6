import { z } from 'toolyard/sdk';

export const neutralise = z
  .boolean()
  .default(true)
  .describe(
    'Whether texts that a spreadsheet would calculate (those that begin with =, +, -, @ or a tab) get an apostrophe before them in CSV and Excel files.',
  );
