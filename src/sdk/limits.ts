/** What one run of a tool may use. The worker enforces each of them from outside the process that runs the tool. */
export interface ToolLimits {
  /** Milliseconds from the start of the run to its end. The operator's TASK_TIMEOUT_MS is an upper bound. */
  readonly totalMs: number;
  /** Milliseconds without progress, after which the run counts as stalled. Progress is the heartbeat. */
  readonly idleMs: number;
  /** MiB of memory that the run may hold, beside what Node needs for itself. */
  readonly memoryMb: number;
  /** MiB for one more try, when a run needed more than `memoryMb`. Undefined: such a run is not tried again. */
  readonly retryMemoryMb?: number | undefined;
  /** Milliseconds of processor time, all threads and programs together. By default twice `totalMs`. */
  readonly cpuMs: number;
  /** Files per task. Zero: the tool takes no files. */
  readonly maxInputs: number;
  /** Bytes of one input file. */
  readonly maxInputBytes: number;
  /** Bytes of all output files together. The workspace may hold twice as much. */
  readonly maxOutputBytes: number;
  /** Runs of this tool at the same time in one worker. */
  readonly concurrency: number;
}

/** What a tool gets that declares nothing. */
export const DEFAULT_LIMITS: ToolLimits = {
  totalMs: 300_000,
  idleMs: 300_000,
  memoryMb: 512,
  cpuMs: 600_000,
  maxInputs: 1,
  maxInputBytes: 1024 ** 3,
  maxOutputBytes: 1024 ** 3,
  concurrency: 64,
};
