import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * What the bundled plugins say of themselves, kept for all platforms of a run of the tests: each would ask a process of
 * its own for each plugin, which takes seconds. They are kept by the hash of their content, so none can be out of date.
 */
const VARIABLE = 'TEST_DESCRIPTIONS';

export async function beginDescriptions(): Promise<void> {
  process.env[VARIABLE] = await mkdtemp(join(tmpdir(), 'toolyard-descriptions-'));
}

export async function endDescriptions(): Promise<void> {
  const home = process.env[VARIABLE];
  if (home !== undefined) await rm(home, { recursive: true, force: true });
}

/** Before the first start of a platform: what others have learned. */
export async function takeDescriptions(dataDir: string): Promise<void> {
  const known = knownPath();
  if (known !== undefined && existsSync(known)) await cp(known, join(dataDir, 'descriptions'), { recursive: true });
}

/** After its start: for those to come. Whoever is first counts. */
export async function keepDescriptions(dataDir: string): Promise<void> {
  const known = knownPath();
  const learned = join(dataDir, 'descriptions');
  if (known === undefined || existsSync(known) || !existsSync(learned)) return;
  const draft = `${known}.${randomUUID()}`;
  await cp(learned, draft, { recursive: true });
  await rename(draft, known).catch(() => rm(draft, { recursive: true, force: true }));
}

function knownPath(): string | undefined {
  const home = process.env[VARIABLE];
  return home === undefined ? undefined : join(home, 'known');
}
