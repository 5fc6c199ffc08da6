import { chmod } from 'node:fs/promises';
import { safeName } from '../../files/file-name.js';
import type { Attempt, Base, HeldFile, Verdict } from './attempt.js';
import { cuts, flips, type Mutation, NAMES, strangers } from './mutations.js';
import type { SeededRandom } from './random.js';

/** One way to torment a tool. */
export interface TortureClass {
  readonly name: string;
  /** None: it does not concern this tool. */
  readonly attempts: (base: Base, random: SeededRandom) => readonly Attempt[];
  /** What is wrong with all of them together. */
  readonly judge?: (verdicts: readonly Verdict[]) => string[];
}

/** More of the inputs are not tried one by one. */
const MOST_INPUTS = 3;
const CANCELS = 4;

/** A disk without room is the operator's affair, and the platform knows its words. */
const NO_ROOM = /\b(?:EFBIG|ENOSPC|EDQUOT|SIGXFSZ)\b|file too large|file size limit|no space left/i;
const NO_WRITING = /\b(?:EROFS|EACCES|EPERM|ERR_ACCESS_DENIED)\b|permission denied|read-only file system/i;

export const CLASSES: readonly TortureClass[] = [
  { name: 'empty', attempts: (base) => eachInput(base, () => [{ what: 'empty', bytes: Buffer.alloc(0) }]) },
  {
    name: 'one-byte',
    attempts: (base) =>
      eachInput(base, ({ bytes }) =>
        [bytes.subarray(0, 1), Buffer.of(0)].map((byte) => ({
          what: `one byte, ${byte.toString('hex')}`,
          bytes: byte,
        })),
      ),
  },
  {
    name: 'cut',
    attempts: (base, random) =>
      shuffled(
        eachInput(base, ({ bytes }) => cuts(bytes)),
        random,
      ),
  },
  {
    name: 'wrong-type',
    attempts: (base, random) =>
      shuffled(
        eachInput(base, () => strangers(random)),
        random,
      ),
  },
  {
    name: 'flipped',
    attempts: (base, random) =>
      shuffled(
        eachInput(base, ({ bytes }) => flips(bytes, random)),
        random,
      ),
  },
  { name: 'names', attempts: (base) => (base.inputs.length === 0 ? [] : NAMES.map((name) => named(base, name))) },
  {
    name: 'read-only',
    attempts: () => [
      { what: 'a workspace that cannot be written to', spoil: (path) => chmod(path, 0o500), excuse: NO_WRITING },
    ],
  },
  {
    name: 'full',
    attempts: () =>
      [1, 2_048].map((workspaceBytes) => ({
        what: `a workspace for ${workspaceBytes} bytes`,
        limits: { workspaceBytes },
        excuse: NO_ROOM,
      })),
  },
  {
    name: 'cancelled',
    attempts: ({ ms }, random) =>
      Array.from({ length: CANCELS }, () => Math.round(random.next() * ms)).map((cancelAfterMs) => ({
        what: `cancelled after ${cancelAfterMs} ms`,
        cancelAfterMs,
        warm: true,
      })),
    judge: stubbornness,
  },
  {
    name: 'timeout',
    attempts: ({ ms }) => [1, Math.max(2, Math.round(ms / 2))].map((totalMs) => ({ what: `${totalMs} ms`, totalMs })),
  },
  {
    name: 'low-memory',
    attempts: () => [16, 12].map((memoryMb) => ({ what: `${memoryMb} MiB`, limits: { memoryMb } })),
  },
];

/** Does something to one input after the other; the others stay as they are. */
function eachInput({ inputs }: Base, change: (input: HeldFile) => readonly Mutation[]): Attempt[] {
  return inputs.slice(0, MOST_INPUTS).flatMap((input, index) =>
    change(input).map(({ what, bytes }) => ({
      what: `${input.name}: ${what}`,
      inputs: inputs.with(index, { ...input, bytes }),
    })),
  );
}

/** All inputs have the same name, as a user may give them. */
function named({ inputs }: Base, claimed: string): Attempt {
  const name = safeName(claimed, 'bin');
  return { what: `called ${name}`, inputs: inputs.map((input) => ({ ...input, name })) };
}

/** Where time is short, those that are left out are as good as those that are not. */
function shuffled(attempts: readonly Attempt[], random: SeededRandom): Attempt[] {
  return attempts
    .map((attempt) => ({ attempt, place: random.next() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ attempt }) => attempt);
}

/** Once can be the machine's fault. */
function stubbornness(verdicts: readonly Verdict[]): string[] {
  const count = verdicts.filter(({ stubborn }) => stubborn).length;
  if (count < 2 || count * 2 < verdicts.length) return [];
  return [
    `It did not come back when it was told to stop (${count} of ${verdicts.length} times): it ignores run.signal.`,
  ];
}
