import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { CaseReport } from './case.report.js';

const failedSchema = z.array(z.strictObject({ file: z.string(), name: z.string() }));

type FailedCase = z.output<typeof failedSchema>[number];

/** Which cases of a plugin failed when they were run last. Kept outside the plugin, whose content it is no part of. */
export class FailedCases {
  private readonly path: string;

  /** @param cache where such things are kept @param directory the plugin's */
  constructor(
    private readonly cache: string,
    directory: string,
  ) {
    this.path = join(cache, `failed-${createHash('sha256').update(directory).digest('hex').slice(0, 32)}.json`);
  }

  /** Empty also when nothing is known. */
  async read(): Promise<readonly FailedCase[]> {
    try {
      return failedSchema.parse(JSON.parse(await readFile(this.path, 'utf8')));
    } catch {
      return [];
    }
  }

  /** What was not run this time stays as it was. */
  async write({ results }: CaseReport): Promise<void> {
    const ran = new Set(results.map(keyOf));
    const before = (await this.read()).filter((known) => !ran.has(keyOf(known)));
    const now = results.filter(({ status }) => status === 'failed').map(({ file, name }) => ({ file, name }));
    await mkdir(this.cache, { recursive: true });
    await writeFile(this.path, JSON.stringify([...before, ...now]));
  }
}

function keyOf({ file, name }: FailedCase): string {
  return JSON.stringify([file, name]);
}
