import { type Finding, finding } from './finding.ts';

/** How the server says in its log that it has written an end. */
const ENDINGS = new Set(['completed', 'failed', 'cancelled', 'Its worker was lost: failed']);

/** Polls can miss an end that is overwritten at once; the log of whoever wrote it does not. */
export function judgeEndings(log: string): Finding[] {
  const ends = log.split('\n').flatMap(endOf);
  return [...Map.groupBy(ends, ({ id }) => id)].flatMap(([id, same]) =>
    same.length > 1
      ? [finding('duplicated', `The task ${id} ended ${same.length} times: ${same.map(({ end }) => end).join(', ')}.`)]
      : [],
  );
}

function endOf(line: string): { id: string; end: string }[] {
  try {
    const { task_id: id, msg: end } = JSON.parse(line) as { task_id?: unknown; msg?: unknown };
    return typeof id === 'string' && typeof end === 'string' && ENDINGS.has(end) ? [{ id, end }] : [];
  } catch {
    return [];
  }
}
