import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { COMBINATIONS } from '../combinations.js';
import { randomNumbers } from '../random.js';
import { uploadInterrupted } from '../tus.uploads.js';
import { download } from './client.js';
import { startOn } from './grounds.js';

const MIB = 2 ** 20;

const combination = (database: string, queue: string) => {
  const found = COMBINATIONS.find((one) => one.database === database && one.queue === queue);
  if (!found) throw new Error('There is no such ground.');
  return found;
};

const cutsOf = (random: (limit: number) => number, bytes: number): number[] =>
  Array.from({ length: 3 }, () => 1 + random(bytes - 1)).toSorted((a, b) => a - b);

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('the public client of tus', () => {
  it.each([1, 2])('resumes at any offset when the server is killed there (seed %i)', async (seed) => {
    await using ground = await startOn(combination('sqlite', 'embedded'));
    const { platform } = ground;
    const random = randomNumbers(seed);
    const bytes = randomBytes(6 * MIB + random(MIB));
    const server = platform.process('all');

    const id = await uploadInterrupted({
      bytes,
      name: 'large.bin',
      origin: () => platform.url,
      credentials: platform.credentials,
      cuts: cutsOf(random, bytes.length),
      pieceBytes: 100_000 + random(MIB),
      interrupt: async () => {
        await server.kill();
        await server.start();
      },
    });

    expect(sha256(await download(platform, id))).toBe(sha256(bytes));
    expect(await (await platform.get(`/api/v1/files/${id}`)).json()).toMatchObject({ sha256: sha256(bytes) });
  });

  it('resumes at another process that answers requests', async () => {
    await using ground = await startOn(combination('postgresql', 'bull'), { roles: ['api', 'api'] });
    const { platform } = ground;
    const random = randomNumbers(7);
    const bytes = randomBytes(6 * MIB);
    let turns = 0;

    const id = await uploadInterrupted({
      bytes,
      name: 'large.bin',
      origin: () => platform.processes[turns % 2]?.url ?? '',
      credentials: platform.credentials,
      cuts: cutsOf(random, bytes.length),
      interrupt: async () => void (turns += 1),
    });

    expect(sha256(await download(platform, id))).toBe(sha256(bytes));
  });
});
