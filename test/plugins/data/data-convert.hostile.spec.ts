import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import iconv from 'iconv-lite';
import DataConvert from '../../../plugins/data/data-convert.tool.ts';
import { ToolError } from '../../../src/sdk/index.js';
import { randomNumbers } from '../../random.js';
import { runTool } from '../tool-run.js';

const FIXTURES = join(import.meta.dirname, '../../../plugins/data/fixtures');

const tool = new DataConvert();

interface Report {
  readonly rows: number;
  readonly encoding: string;
  readonly rejected: { readonly count: number; readonly reasons: Record<string, number> };
  readonly bytes: { readonly input: number; readonly accepted: number; readonly rejected: number };
}

interface Converted extends Report {
  readonly lines: number;
  readonly rejects: Buffer;
}

async function convert(bytes: Buffer | string, type = 'text/csv', from: 'auto' | 'csv' = 'auto'): Promise<Converted> {
  await using run = await runTool(tool, { inputs: [{ name: 'a.csv', type, bytes }], options: { to: 'ndjson', from } });
  const [made, rejected] = run.result.outputs ?? [];
  const text = await readFile(made?.path ?? '', 'utf8');
  const rejects = rejected === undefined ? Buffer.alloc(0) : await readFile(rejected.path);
  return { ...(run.result.data as Report), lines: text.split('\n').length - 1, rejects };
}

async function codeOf(bytes: Buffer | string, type?: string): Promise<string> {
  try {
    await convert(bytes, type);
    return 'completed';
  } catch (error) {
    if (error instanceof ToolError) return error.code;
    throw error;
  }
}

describe('data-convert accounts for every byte', () => {
  it('of files that are damaged at random', async () => {
    const random = randomNumbers(26);
    const pieces = [
      '1,Ann,x\n',
      '2,"Bob, jr",y\n',
      '3,é,\n',
      '"',
      '\n',
      ',',
      '\r',
      '\r\n',
      '\0',
      '4,"two\nlines",z\n',
      'ü',
    ];
    const latin = Buffer.from([0xe9]);
    for (let round = 0; round < 25; round++) {
      const parts = Array.from({ length: 30 }, () =>
        random(25) === 0 ? latin : Buffer.from(pieces[Math.min(random(pieces.length + 20), 40) % pieces.length] ?? ''),
      );
      const bytes = Buffer.concat([Buffer.from('id,name,note\n'), ...parts]);
      const found = await convert(bytes, 'text/csv', 'csv');

      const seen = {
        rows: found.lines,
        rejected: found.rejects.length,
        sum: found.bytes.accepted + found.rejects.length,
      };
      expect(seen).toEqual({ rows: found.rows, rejected: found.bytes.rejected, sum: bytes.length });
    }
  });

  it.each(['utf-16le', 'utf-16be', 'windows-1252', 'windows-1251', 'shift_jis'])(
    'of a broken file in %s',
    async (encoding) => {
      const words =
        encoding === 'windows-1251' ? 'Москва и река' : encoding === 'shift_jis' ? '東京は大きい' : 'Évora é bonita';
      const rows = Array.from({ length: 40 }, (_, row) => `${row},${words},x\n`).join('');
      const bytes = iconv.encode(`id,name,note\n${rows}1,cut\n2,${words}`, encoding, { addBOM: true });

      const found = await convert(bytes, 'application/octet-stream');

      expect(found).toMatchObject({ rows: 40, lines: 40, rejected: { count: 2, reasons: { too_few_fields: 2 } } });
      expect(found.rejects.equals(iconv.encode(`1,cut\n2,${words}`, encoding))).toBe(true);
      expect(found.bytes.accepted + found.rejects.length).toBe(bytes.length);
    },
  );

  it('and loses one line, not the rest, to a quote that is never closed', async () => {
    const rows = Array.from({ length: 30_000 }, (_, row) => `${row},plain words that take some room,x\n`);
    const found = await convert(['id,name,note\n', ...rows.slice(0, 10), '7,"open,x\n', ...rows.slice(10)].join(''));

    expect(found).toMatchObject({ rows: 30_000, rejected: { count: 1, reasons: { unterminated_quote: 1 } } });
  });
});

describe('data-convert bounds', () => {
  it.each([
    ['a million columns', `${'c,'.repeat(400_000)}c\n1\n`, 'too_many_columns'],
    ['a header without an end', 'c'.repeat(3_000_000), 'header_unreadable'],
    ['JSON nested deep', '['.repeat(200_000), 'too_deep'],
    ['nothing but line breaks', '\n'.repeat(1_000), 'table_empty'],
  ])('%s', async (_, text, code) => {
    expect(await codeOf(text, text.startsWith('[') ? 'application/json' : undefined)).toBe(code);
  });

  it('one huge record among others', async () => {
    const found = await convert(`id,name\n1,a\n2,${'x'.repeat(3_000_000)}\n3,c\n`);

    expect(found).toMatchObject({ rows: 2, rejected: { count: 1, reasons: { record_too_long: 1 } } });
    expect(found.rejects).toHaveLength(3_000_003);
  });

  it.each(['orders.parquet', 'people.xlsx', 'people.xls', 'people.ods'])('what a damaged %s can do', async (name) => {
    const whole = await readFile(join(FIXTURES, name));
    const random = randomNumbers(16);
    for (let round = 0; round < 8; round++) {
      const bytes = Buffer.from(whole);
      for (let bit = 0; bit < 6; bit++) bytes[random(bytes.length)] = random(256);
      expect(await codeOf(bytes, 'application/octet-stream')).toMatch(
        /^(completed|\w+_unreadable|table_empty|sheet_missing|format_unknown|too_many_\w+|table_\w+)$/,
      );
    }
  });
});
