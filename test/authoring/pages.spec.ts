import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { contractPage } from '../../scripts/contract.page.js';
import { sdkDeclarations } from '../../scripts/sdk.sources.js';

const ROOT = new URL('../../', import.meta.url);
const committed = (path: string): Promise<string> => readFile(new URL(path, ROOT), 'utf8');

describe('what is made from the SDK', () => {
  it('is current: otherwise run npm run docs', async () => {
    expect(await committed('docs/plugins/contract.md')).toBe(contractPage());
    expect(await committed('src/authoring/templates/shared/toolyard-sdk.d.ts.template')).toBe(sdkDeclarations());
  });

  it('tells of each member what it is', () => {
    const rows = contractPage()
      .split('\n')
      .filter((line) => line.startsWith('| `'));

    expect(rows.length).toBeGreaterThan(40);
    expect(rows.filter((row) => / \|\s+\|$/.test(row))).toEqual([]);
  });
});
