import type { Task } from '../task.entity.js';

/** What workers do by themselves, without a tool. The name is one that no tool can have. */
export const FILE_IMPORT = { name: 'files.import', version: '1.0.0', deterministic: false } as const;

/**
 * How many of them run at the same time: a server that is slow must not hold up what is here already.
 *
 * @param concurrency runs of all kinds at the same time
 */
export function mostImports(concurrency: number): number {
  return Math.ceil(concurrency / 2);
}

export function isBuiltIn(tool: string): boolean {
  return tool === FILE_IMPORT.name;
}

/** Whether all that the task was asked for is still known: URLs, what was sent along with them, and secrets are not kept. */
export function isRepeatable({ tool, inputBytes, secrets }: Pick<Task, 'tool' | 'inputBytes' | 'secrets'>): boolean {
  return !isBuiltIn(tool) && inputBytes !== null && typeof secrets !== 'string';
}
