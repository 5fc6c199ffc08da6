import type { OutputFile } from '../sdk/index.js';
import type { Limit } from './limits.js';

/** What a run used. Time is measured outside the process, the rest is what the process says of itself. */
export interface Usage {
  readonly wallMs: number;
  /** Of all threads of the process, during the run. */
  readonly cpuMs: number;
  /** The most that the process held since it was started, earlier runs included. */
  readonly maxRssBytes: number;
}

/** How a run was ended. */
export interface Stopped {
  /** What was needed, or what the system sent. Null: the tool came back by itself. */
  readonly signal: NodeJS.Signals | null;
  /** From the decision to stop until every process of the run was gone. */
  readonly afterMs: number;
}

/**
 * `exit`, `signal`: the process ended. `exception`: the tool threw. `protocol`: it said what it must not. `remote`: the
 * service that does its work failed, and the reason may be shown to users.
 */
export type CrashKind = 'exit' | 'signal' | 'exception' | 'protocol' | 'remote';

/** How a run ended. When it did not end well, its process is gone before this is known, unless its service is at fault. */
export type Outcome =
  | {
      readonly type: 'done';
      /** Not to be trusted: any text may stand where a path should. */
      readonly outputs: readonly OutputFile[];
      /** JSON; undefined when the tool gave none. */
      readonly data: unknown;
      readonly usage: Usage;
      /** Whether nothing goes on in the process. */
      readonly tidy: boolean;
    }
  | {
      readonly type: 'tool_error';
      readonly code: string;
      readonly message: string;
      readonly usage: Usage;
      /** As above. */
      readonly tidy: boolean;
    }
  | { readonly type: 'crashed'; readonly kind: CrashKind; /** For the log. */ readonly reason: string }
  | {
      readonly type: 'exceeded';
      readonly limit: Limit;
      /** For the log. */
      readonly reason: string;
      readonly stopped: Stopped;
    }
  | { readonly type: 'timed_out' | 'stalled' | 'cancelled'; readonly stopped: Stopped };
