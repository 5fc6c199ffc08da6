import { Channel } from '../../telemetry/channel.js';
import type { Tool } from '../tool.js';

/** A run of a tool whose work is done by a service has ended. */
export interface ServiceRan {
  /** The tool whose work it did. */
  readonly tool: Tool;
  /** Whether the service did its part, be it that it refused the input. */
  readonly isWell: boolean;
}

/** What services do for runs, in the process in which the runs are. */
export const serviceRuns = new Channel<ServiceRan>('toolyard:service:ran');
