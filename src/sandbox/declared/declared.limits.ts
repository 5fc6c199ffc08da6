import type { ToolLimits } from '../../sdk/index.js';
import type { Declaration } from './declaration.schema.js';

/** In the words of the SDK. What is left out has its default. */
export function limitsOf({ limits }: Declaration): Partial<ToolLimits> {
  const named = {
    totalMs: limits.total_ms,
    idleMs: limits.idle_ms,
    memoryMb: limits.memory_mb,
    retryMemoryMb: limits.retry_memory_mb,
    cpuMs: limits.cpu_ms,
    maxInputs: limits.max_inputs,
    maxInputBytes: limits.max_input_bytes,
    maxOutputBytes: limits.max_output_bytes,
    concurrency: limits.concurrency,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}
