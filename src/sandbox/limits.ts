import { availableParallelism } from 'node:os';
import { DEFAULT_LIMITS, type ToolLimits } from '../sdk/index.js';

/** What a child may use. It is started for these limits, and each of its runs is held to them. */
export interface ChildLimits {
  /** MiB for the run, beside what Node needs for itself. */
  readonly memoryMb: number;
  /** Milliseconds of processor time of one run, all threads and programs together. */
  readonly cpuMs: number;
  /** Bytes on the disk that one run may fill, and of the largest file that it may write. */
  readonly workspaceBytes: number;
}

/** Room for what a tool needs on its way to its outputs. */
const WORKSPACE_PER_OUTPUT = 2;

/** What a child needs to run a tool of these limits. */
export function childLimits({ memoryMb, cpuMs, maxOutputBytes }: ToolLimits): ChildLimits {
  return { memoryMb, cpuMs, workspaceBytes: WORKSPACE_PER_OUTPUT * maxOutputBytes };
}

/** For a child of which nothing is known yet. */
export const DEFAULT_CHILD_LIMITS = childLimits(DEFAULT_LIMITS);

/** A limit that a run can exceed, besides those of the clock. */
export type Limit = 'memory' | 'cpu' | 'processes' | 'workspace' | 'output';

/** Processes of one child at the same time. */
export const MAX_PROCESSES = 64;

/** Files and directories in a workspace: they take room that is not counted in bytes. */
export const MAX_ENTRIES = 20_000;

/** MiB that stay resident when Node has loaded a tool, with some room. */
const NODE_RESIDENT_MB = 160;

/** MiB that Node asks the system for without using them, mostly stacks of threads. Below 600 it does not even start. */
const NODE_DATA_MB = 768;
/** MiB for stacks of the threads of native libraries, which often start one for each processor core. */
const CORE_DATA_MB = 32;

const OPEN_FILES = 512;
/** For one user id, all children together; the number of processes of one child is watched. */
const USER_PROCESSES = 4_096;

const MIB = 1024 ** 2;

/** A child that has used so much of its budget, or holds so much of it, is not used for another run. */
const WORN_SHARE = 0.75;

/** Whether a child that holds so many bytes has too little room for the next run. */
export function isGrown(limits: ChildLimits, residentBytes: number): boolean {
  return residentBytes > WORN_SHARE * residentLimit(limits);
}

/** Bytes of resident memory above which a run is ended. */
export function residentLimit({ memoryMb }: ChildLimits): number {
  return (memoryMb + NODE_RESIDENT_MB) * MIB;
}

/**
 * The arguments of prlimit(1): walls that stand also when nobody watches. The processor time is that of a whole life,
 * in which the child is replaced before a single run could meet the wall (see `Slot.worn`).
 *
 * @param ownUser whether the child's processes are counted apart from all others of the same user
 */
export function resourceLimits({ memoryMb, cpuMs, workspaceBytes }: ChildLimits, ownUser: boolean): string[] {
  const dataMb = memoryMb + NODE_DATA_MB + CORE_DATA_MB * availableParallelism();
  return [
    `--data=${dataMb * MIB}`,
    `--cpu=${Math.ceil((2 * cpuMs) / 1_000) + 10}`,
    `--fsize=${workspaceBytes}`,
    `--nofile=${OPEN_FILES}`,
    '--core=0',
    ...(ownUser ? [`--nproc=${USER_PROCESSES}`] : []),
  ];
}
