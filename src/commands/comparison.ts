import { dataHash } from '../tasks/receipts/receipt.document.js';
import type { Task } from '../tasks/task.entity.js';
import type { Replayed } from '../worker/replay.js';

/** A task beside its replay, in words. */
export function comparison(task: Task, now: Replayed): { readonly lines: readonly string[]; readonly isSame: boolean } {
  const parts = [
    ...task.outputs.map(({ name, sha256 }, index) => part(`Output ${name}`, sha256, now.outputs[index] ?? null)),
    ...now.outputs.slice(task.outputs.length).map((sha256) => part('One more output', null, sha256)),
    part('Data', dataHash(task.data), now.data),
    part('Failure', task.error?.code ?? null, now.failure),
  ].filter(({ before, after }) => before !== null || after !== null);
  const lines = parts.map(({ what, before, after }) =>
    before === after ? `${what}: the same, ${after}` : `${what}: was ${before ?? 'none'}, is ${after ?? 'none'}`,
  );
  return { lines: [tool(task, now), ...lines], isSame: parts.every(({ before, after }) => before === after) };
}

function tool({ tool: name, toolVersion, toolHash }: Task, now: Replayed): string {
  if (toolHash === now.toolHash) return `Tool ${name}@${toolVersion}: the same, ${now.toolHash}`;
  return `Tool ${name}: was ${toolVersion} (${toolHash ?? 'unknown'}), is ${now.toolVersion} (${now.toolHash})`;
}

function part(what: string, before: string | null, after: string | null) {
  return { what, before, after };
}
