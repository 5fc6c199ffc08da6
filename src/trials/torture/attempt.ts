import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { Problem } from '../../errors/problem.js';
import type { ChildLimits } from '../../sandbox/limits.js';
import type { Outcome } from '../../sandbox/outcome.js';
import type { PluginCode } from '../../sandbox/plugin.code.js';
import { processesWith } from '../../sandbox/process.table.js';
import type { Slot } from '../../sandbox/slot.js';
import { type GivenFile, Workspace } from '../../sandbox/workspace.js';
import type { TriedTool } from '../acceptance.js';

/** An input, in memory. */
export interface HeldFile extends Omit<GivenFile, 'file_id' | 'size'> {
  readonly bytes: Buffer;
}

/** A run that is known to complete: what is done to it is what goes wrong. */
export interface Base {
  readonly plugin: PluginCode;
  readonly tool: TriedTool;
  readonly inputs: readonly HeldFile[];
  readonly options: Readonly<Record<string, unknown>>;
  /** Milliseconds that it takes in a child that is warm. */
  readonly ms: number;
}

/** What is otherwise than in the base. */
export interface Attempt {
  /** In words: `photo.jpg cut after 17 of 160 bytes`. */
  readonly what: string;
  readonly inputs?: readonly HeldFile[];
  readonly limits?: Partial<ChildLimits>;
  readonly totalMs?: number;
  readonly cancelAfterMs?: number;
  /** Whether the tool must be loaded before: while it is being loaded it hears nothing. */
  readonly warm?: true;
  /** Done to the workspace before the run. */
  readonly spoil?: (workspace: string) => Promise<void>;
  /** What a tool may throw as it is, because the platform knows it. */
  readonly excuse?: RegExp;
}

/** `refused`: with a code of the tool's. `stopped`: by the platform, at a limit, or because it was cancelled. */
export type Ending = 'completed' | 'refused' | 'stopped' | 'crashed';

export interface Verdict {
  readonly ending: Ending;
  /** What a tool may never do, in sentences. */
  readonly faults: readonly string[];
  /** Milliseconds from the start to the answer; 0 when there was none. */
  readonly ms: number;
  /** Whether it was asked to stop, and did not come back by itself. */
  readonly stubborn: boolean;
}

/** Milliseconds to the end of whatever was told to stop, and for work that nobody is waiting for. */
const STOP_MS = 2_000;
const REST_MS = 1_000;
const LOOK_MS = 5;

/** A run that takes so much longer than its base hangs. */
const PATIENCE_MS = 10_000;
const SLOWER = 10;

export async function attemptIn(slot: Slot, base: Base, what: Attempt): Promise<Verdict> {
  const { outcome, faults } = await run(slot, base, what);
  return {
    ending: endingOf(outcome, what.excuse),
    faults: [...faults, ...misdeeds(outcome, what.excuse), ...(await leftovers(slot))],
    ms: 'usage' in outcome ? outcome.usage.wallMs : 0,
    stubborn: outcome.type === 'cancelled' && outcome.stopped.signal !== null,
  };
}

async function run(slot: Slot, base: Base, what: Attempt): Promise<{ outcome: Outcome; faults: string[] }> {
  const { tool } = base;
  await using workspace = new Workspace(slot, randomUUID());
  const inputs = await stage(workspace, what.inputs ?? base.inputs);
  await what.spoil?.(workspace.path);
  const cancel = new AbortController();
  const timer = what.cancelAfterMs === undefined ? undefined : setTimeout(() => cancel.abort(), what.cancelAfterMs);
  const totalMs = what.totalMs ?? Math.min(tool.limits.totalMs, PATIENCE_MS + SLOWER * base.ms);
  const outcome = await slot.run(
    { tool: tool.file, inputs, options: base.options, workspace: workspace.path },
    { totalMs, idleMs: tool.limits.idleMs, signal: cancel.signal },
  );
  clearTimeout(timer);
  return { outcome, faults: await outputFaults(workspace, outcome, tool.limits.maxOutputBytes) };
}

function stage(workspace: Workspace, inputs: readonly HeldFile[]) {
  const source = { link: (index: string, path: string) => writeFile(path, inputs[Number(index)]?.bytes ?? '') };
  const files = inputs.map(({ name, type, bytes }, index) => ({
    file_id: String(index),
    name,
    type,
    size: bytes.length,
  }));
  return workspace.stage(source, files);
}

async function outputFaults(workspace: Workspace, outcome: Outcome, maxBytes: number): Promise<string[]> {
  if (outcome.type !== 'done') return [];
  try {
    await workspace.outputs(outcome.outputs, maxBytes);
    return [];
  } catch (error) {
    if (error instanceof Problem) return [`${error.code}: ${error.message}`];
    throw error;
  }
}

function endingOf(outcome: Outcome, excuse: RegExp | undefined): Ending {
  switch (outcome.type) {
    case 'done':
      return 'completed';
    case 'tool_error':
      return 'refused';
    case 'crashed':
      return isExcused(outcome, excuse) ? 'stopped' : 'crashed';
    case 'exceeded':
    case 'timed_out':
    case 'stalled':
    case 'cancelled':
      return 'stopped';
    default:
      return outcome satisfies never;
  }
}

function misdeeds(outcome: Outcome, excuse: RegExp | undefined): string[] {
  if (outcome.type === 'crashed')
    return isExcused(outcome, excuse) ? [] : [`It crashed (${outcome.kind}): ${outcome.reason}`];
  if (!('stopped' in outcome) || outcome.stopped.afterMs <= STOP_MS) return [];
  return [`It took ${outcome.stopped.afterMs} ms to end it (${outcome.type}).`];
}

/** A service that does not answer has a code of the platform's, `remote_failed`. */
function isExcused({ kind, reason }: Outcome & { type: 'crashed' }, excuse: RegExp | undefined): boolean {
  return kind === 'remote' || excuse?.test(reason) === true;
}

/** What a run has left behind: something that goes on, or something on the disk. */
async function leftovers(slot: Slot): Promise<string[]> {
  return [
    ...((await within(REST_MS, () => isOver(slot))) ? [] : ['Something went on after its answer.']),
    ...(slot.clean ? [] : ['It left something beside its workspace.']),
  ];
}

async function isOver(slot: Slot): Promise<boolean> {
  return slot.usable ? slot.isAtRest() : processesWith(`TMPDIR=${slot.directory}/`).length === 0;
}

async function within(milliseconds: number, isSo: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  while (!(await isSo())) {
    if (performance.now() > deadline) return false;
    await wait(LOOK_MS);
  }
  return true;
}
