import type { ChildLimits } from './limits.js';
import type { PluginCode } from './plugin.code.js';

/** What a child is started for. */
export interface Launch {
  readonly plugin: PluginCode;
  readonly limits: ChildLimits;
  /** The child's own directory, with `in` and `out`. */
  readonly directory: string;
  /** Whether it may write, to `out`. */
  readonly writable: boolean;
}
