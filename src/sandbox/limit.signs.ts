import type { Limit } from './limits.js';

/** How V8, Node and the libraries of C++ say that there is no more memory. */
const NO_MEMORY = /out of memory|(failed to|cannot) allocate memory|buffer allocation failed|\bENOMEM\b|bad_alloc/i;

/** A write that the limit for files refused: to the tool itself, or to a program of its own. */
const FILE_TOO_LARGE = /\b(?:EFBIG|SIGXFSZ)\b/;

/** The signals by which the system enforces its limits. */
const SIGNALS: Readonly<Partial<Record<NodeJS.Signals, Limit>>> = { SIGXCPU: 'cpu', SIGXFSZ: 'workspace' };

/** Which limit a text tells of that a tool has thrown, or that its process has printed. */
export function limitInWords(text: string): Limit | undefined {
  if (NO_MEMORY.test(text)) return 'memory';
  return FILE_TOO_LARGE.test(text) ? 'workspace' : undefined;
}

/** Which limit a signal tells of. */
export function limitOfSignal(signal: NodeJS.Signals | null): Limit | undefined {
  return signal === null ? undefined : SIGNALS[signal];
}
