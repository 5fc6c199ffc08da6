import type { Tool } from '../tools/tool.js';
import type { ToolLimits } from '../sdk/index.js';
import type { Task } from '../tasks/task.entity.js';

/** What really ran, and what it was allowed: the row says so, because a worker may have a newer plugin than its creator. */
export type Ran = Pick<Task, 'toolVersion' | 'toolHash' | 'limits'>;

/** @param totalMs as far as the operator allows it */
export function ranWith({ version, plugin }: Tool, limits: ToolLimits, totalMs: number): Ran {
  return {
    toolVersion: version,
    toolHash: plugin.hash,
    limits: {
      total_ms: totalMs,
      idle_ms: limits.idleMs,
      cpu_ms: limits.cpuMs,
      memory_mb: limits.memoryMb,
      max_output_bytes: limits.maxOutputBytes,
    },
  };
}
