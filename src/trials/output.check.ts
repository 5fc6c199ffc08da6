import { isUtf8 } from 'node:buffer';
import { readFile, stat } from 'node:fs/promises';
import type { OutputExpectation } from './case.schema.js';
import { type Fault, shown } from './fault.js';
import { fixturePath } from './fixture.js';
import { missingFrom } from './json.subset.js';
import type { MadeFile } from './trial.js';

/** Larger files are compared by their SHA-256 only. */
const MAX_READ_BYTES = 64 * 1024 ** 2;
const MAX_JSON_BYTES = 4 * 1024 ** 2;

/** What is wrong with an output, as far as bytes and names tell. @param directory the plugin's */
export async function checkOutput(
  wanted: OutputExpectation,
  made: MadeFile,
  where: string,
  directory: string,
): Promise<Fault[]> {
  const { min = 0, max = Infinity } = wanted.bytes ?? {};
  return [
    ...same(`${where}: name`, wanted.name, made.name),
    ...same(`${where}: type`, wanted.type, made.type),
    ...same(`${where}: sha256`, wanted.sha256, made.sha256),
    ...(made.size >= min && made.size <= max
      ? []
      : [{ where: `${where}: bytes`, expected: range(min, max), found: String(made.size) }]),
    ...(wanted.contains === undefined ? [] : await lacking(wanted.contains, made, `${where}: contains`)),
    ...(wanted.same_as === undefined ? [] : await different(wanted.same_as, made, `${where}: same_as`, directory)),
    ...(wanted.json === undefined ? [] : await wrongJson(wanted.json, made, `${where}: json`)),
  ];
}

function same(where: string, wanted: string | undefined, found: string): Fault[] {
  return wanted === undefined || wanted === found ? [] : [{ where, expected: wanted, found }];
}

function range(min: number, max: number): string {
  if (max === Infinity) return `at least ${min}`;
  return min === 0 ? `at most ${max}` : `${min} to ${max}`;
}

async function lacking(wanted: readonly string[], { path, size }: MadeFile, where: string): Promise<Fault[]> {
  if (size > MAX_READ_BYTES) return [{ where, expected: 'a file of at most 64 MiB', found: `${size} bytes` }];
  const bytes = await readFile(path);
  return wanted
    .filter((text) => !bytes.includes(text))
    .map((text) => ({ where, expected: shown(text), found: `not among ${size} bytes that begin with ${head(bytes)}` }));
}

async function different(name: string, made: MadeFile, where: string, directory: string): Promise<Fault[]> {
  const path = await fixturePath(directory, name);
  const { size } = await stat(path);
  if (size > MAX_READ_BYTES) return [{ where, expected: 'a fixture of at most 64 MiB', found: `${size} bytes` }];
  const wanted = await readFile(path);
  const found = made.size > MAX_READ_BYTES ? Buffer.alloc(0) : await readFile(made.path);
  if (wanted.equals(found)) return [];
  const at = wanted.findIndex((byte, index) => byte !== found[index]);
  const place = at === -1 ? wanted.length : at;
  const around = (bytes: Buffer) => head(bytes.subarray(Math.max(0, place - 20)));
  return [
    {
      where: `${where} ${name}, from byte ${place}`,
      expected: `${wanted.length} bytes, there ${around(wanted)}`,
      found: `${made.size} bytes, there ${around(found)}`,
    },
  ];
}

async function wrongJson(wanted: unknown, { path, size }: MadeFile, where: string): Promise<Fault[]> {
  if (size > MAX_JSON_BYTES) return [{ where, expected: 'JSON of at most 4 MiB', found: `${size} bytes` }];
  const text = await readFile(path, 'utf8');
  try {
    return missingFrom(wanted, JSON.parse(text), where);
  } catch {
    return [{ where, expected: shown(wanted), found: `no JSON: ${head(Buffer.from(text))}` }];
  }
}

/** As text where it is text, otherwise in hexadecimal digits. */
function head(bytes: Buffer): string {
  const start = bytes.subarray(0, 60);
  return isUtf8(start) && !start.includes(0) ? shown(start.toString()) : start.subarray(0, 20).toString('hex');
}
