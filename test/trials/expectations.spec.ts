import { readFile, rm } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PDFDocument } from '@cantoo/pdf-lib';
import sharp from 'sharp';
import type { Plugin } from '../../src/plugins/plugin.loader.js';
import { casesSchema, type Expectation } from '../../src/trials/case.schema.js';
import { checkExpectation } from '../../src/trials/expectation.check.js';
import { given } from '../../src/trials/fixture.js';
import type { Ended } from '../../src/trials/trial.js';
import { TestSandbox } from '../sandbox/sandbox.harness.js';
import { madePlugin } from './made.plugin.js';

let yard: TestSandbox;
let plugin: Plugin;

const plain = (width: number, red: number) =>
  sharp({ create: { width, height: 4, channels: 3, background: { r: red, g: 0, b: 0 } } })
    .png()
    .toBuffer();

const frames = () =>
  sharp(Buffer.from([...Array(12).fill(0), ...Array(12).fill(255)]), {
    raw: { width: 2, height: 4, channels: 3, pageHeight: 2 },
  })
    .gif()
    .toBuffer();

const pages = async (count: number) => {
  const document = await PDFDocument.create();
  for (let page = 0; page < count; page++) document.addPage();
  return document.save();
};

beforeAll(async () => {
  yard = await TestSandbox.open();
  plugin = await madePlugin({
    'fixtures/text.txt': 'Some text, naïve.\n',
    'fixtures/other.txt': 'Some text, naive.\n',
    'fixtures/a.json': '{"a": {"b": [1, {"c": 2, "d": null}]}, "e": true}',
    'fixtures/table.csv': '\uFEFFname;amount\n"one; two";1\n\nthree;3\n',
    'fixtures/dark.png': await plain(6, 0),
    'fixtures/grey.png': await plain(6, 51),
    'fixtures/wide.png': await plain(8, 0),
    'fixtures/moving.gif': await frames(),
    'fixtures/three.pdf': await pages(3),
  });
});
afterAll(async () => {
  await yard.close();
  await rm(dirname(plugin.code.directory), { recursive: true });
});

const expectation = (expect: object): Expectation => {
  const [first] = casesSchema.parse({ cases: [{ name: 'one', expect }] }).cases;
  if (!first) throw new Error('There is no case.');
  return first.expect;
};

/** A run that has made a file with the bytes of a fixture. */
const made = async (name: string): Promise<Ended> => {
  const path = join(plugin.code.directory, 'fixtures', name);
  const { type, size } = await given(path, name);
  const sha256 = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  return { ...completed(null), outputs: [{ path, name, type, size, sha256 }] };
};

const completed = (data: unknown): Ended => ({
  status: 'completed',
  error: null,
  detail: null,
  log: null,
  data,
  outputs: [],
});

const failed: Ended = {
  ...completed(null),
  status: 'failed',
  error: { code: 'no_pages', message: 'The document has no pages.' },
};

const faults = async (expect: object, ended: Ended): Promise<string[]> => {
  const ground = { sandbox: yard.sandbox, directory: plugin.code.directory };
  const found = await checkExpectation(expectation(expect), ended, ground);
  return found.map(({ where, expected, found }) => `${where} | ${expected} | ${found}`);
};

describe('what is expected of a run', () => {
  it.each<[object, Ended, string]>([
    [{}, failed, 'status | completed | failed, no_pages: The document has no pages.'],
    [{ error: 'no_pages' }, completed(1), 'status | failed | completed, with data 1'],
    [{ error: 'unreadable' }, failed, 'error | unreadable | no_pages: The document has no pages.'],
    [{ message: 'two pages' }, failed, 'message | one with "two pages" | "The document has no pages."'],
    [{ data: { a: 1 } }, completed({ a: 2 }), 'data.a | 1 | 2'],
    [{ data: { a: { b: null } } }, completed({ a: {} }), 'data.a.b | null | nothing'],
    [{ data: [1] }, completed([1, 2]), 'data | 1 items | 2: [1,2]'],
    [{ data: [{ a: 1 }] }, completed([{ a: '1' }]), 'data[0].a | 1 | "1"'],
    [{ outputs: [{}] }, completed(null), 'outputs | 1 | 0'],
  ])('is told when it does not hold: %j', async (expect, ended, fault) => {
    await expectFaults(expect, ended, fault);
  });

  it.each<[object, Ended]>([
    [{}, completed(1)],
    [{ status: 'failed' }, failed],
    [{ error: 'no_pages', message: 'no pages', outputs: [] }, failed],
    [{ data: { a: [{ b: 1 }] } }, completed({ a: [{ b: 1, c: 2 }], d: 3 })],
  ])('may hold: %j', async (expect, ended) => {
    await expectFaults(expect, ended);
  });
});

describe('what is expected of an output', () => {
  const TEXT = 'output 1 (text.txt)';
  it.each<[string, object, string]>([
    ['text.txt', { name: 'other.txt' }, `${TEXT}: name | other.txt | text.txt`],
    ['text.txt', { type: 'text/csv' }, `${TEXT}: type | text/csv | text/plain`],
    ['text.txt', { sha256: '0'.repeat(64) }, `${TEXT}: sha256 | 0000`],
    ['text.txt', { bytes: { max: 18 } }, `${TEXT}: bytes | at most 18 | 19`],
    ['text.txt', { bytes: { min: 20 } }, `${TEXT}: bytes | at least 20 | 19`],
    ['text.txt', { contains: ['text', 'naive'] }, `${TEXT}: contains | "naive" | not among 19 bytes`],
    ['text.txt', { same_as: 'other.txt' }, `${TEXT}: same_as other.txt, from byte 13 | 18 bytes, there`],
    ['text.txt', { json: 1 }, `${TEXT}: json | 1 | no JSON: "Some text`],
    ['a.json', { json: { a: { b: [1, { c: 3 }] } } }, 'output 1 (a.json): json.a.b[1].c | 3 | 2'],
    ['table.csv', { csv: { rows: 3 } }, 'output 1 (table.csv): csv.rows | 3 | 2'],
    ['table.csv', { csv: { columns: ['name'] } }, 'csv.columns | 1 items | 2: ["name","amount"]'],
    ['dark.png', { image: { width: 5 } }, 'image.width | 5 | 6'],
    ['dark.png', { image: { height: 5 } }, 'image.height | 5 | 4'],
    ['moving.gif', { image: { frames: 1 } }, 'image.frames | 1 | 2'],
    ['text.txt', { image: { width: 5 } }, `${TEXT}: image | {"width":5} | not readable as that: Input file`],
    ['grey.png', { pixels: { like: 'dark.png', difference: 0.19 } }, 'to dark.png of at most 0.19 | 0.2'],
    [
      'wide.png',
      { pixels: { like: 'dark.png', difference: 1 } },
      'none can be told: It is 8 × 4, and not 6 × 4 pixels',
    ],
    ['three.pdf', { pages: 2 }, 'output 1 (three.pdf): pages.count | 2 | 3'],
    ['text.txt', { pages: 2 }, 'not readable as that'],
  ])('is told when it does not hold: %s %j', async (file, output, fault) => {
    await expectFaults({ outputs: [output] }, await made(file), fault);
  });

  it.each<[string, object]>([
    ['text.txt', { name: 'text.txt', type: 'text/plain', bytes: { min: 19, max: 19 }, contains: 'naïve' }],
    ['text.txt', { same_as: 'text.txt' }],
    ['a.json', { type: 'application/json', json: { a: { b: [1, { d: null }] } } }],
    ['table.csv', { csv: { rows: 2, columns: ['name', 'amount'] } }],
    ['moving.gif', { image: { width: 2, height: 2, frames: 2 } }],
    ['grey.png', { pixels: { like: 'dark.png', difference: 0.2 } }],
    ['three.pdf', { pages: 3 }],
  ])('may hold: %s %j', async (file, output) => {
    await expectFaults({ outputs: [output] }, await made(file));
  });
});

/** @param wrong a part of each fault there is */
async function expectFaults(wanted: object, ended: Ended, ...wrong: string[]): Promise<void> {
  expect(await faults(wanted, ended)).toEqual(wrong.map((part) => expect.stringContaining(part)));
}
