import type { ErrorDocument } from '../errors/problem.document.js';
import type { TaskFile, TaskUsage } from '../tasks/task.entity.js';
import type { Ran } from './ran.js';

/** What becomes of the task after a run. */
export type Verdict =
  | {
      readonly type: 'completed';
      readonly outputs: readonly TaskFile[];
      readonly data: unknown;
      readonly usage: TaskUsage;
      readonly ran?: Ran;
    }
  /** The same again would end the same. */
  | {
      readonly type: 'failed';
      readonly error: ErrorDocument;
      readonly usage?: TaskUsage;
      readonly ran?: Ran;
      /** With more memory it may end well. */
      readonly outOfMemory?: boolean;
    }
  /** Another attempt may do better. `error` is what the task says when there is none left. */
  | { readonly type: 'crashed'; readonly error: ErrorDocument }
  /** This worker stops; the attempt does not count. */
  | { readonly type: 'released' }
  /** Somebody else has already decided. */
  | { readonly type: 'lost' };
