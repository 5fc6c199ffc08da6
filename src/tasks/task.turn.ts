import type { DatabaseKind } from '../database/database.options.js';

/**
 * Fairness between owners, as turns: one task of each owner, then the next one of each, and so on.
 *
 * Each task is given its turn when it is created and keeps it, also when it is tried again. It is the one after the last
 * that its owner waits for; an owner who waits for nothing comes in after the turn that was claimed last. Workers claim
 * the lowest turn first, so that among owners who all have work each gets every n-th run, however many tasks another
 * one has queued; and who was away has neither saved up turns nor lost any. (Fair queueing by start times, Goyal, Vin
 * and Cheng 1996, with tasks of equal length and owners of equal weight.)
 *
 * Each priority has turns of its own: a higher one always comes first. On PostgreSQL, tasks of one owner that are created
 * at the very same moment can be given the same turn; there are at most as many as an API process has connections.
 */
const LAST_OF_OWNER = `status = 'pending' and owner = ? and priority = ?`;
const LAST_CLAIMED = 'started_at is not null and priority = ?';

/** SQL for the turn of a new task. Its values are `turnValues`; the two indexes answer it without looking at rows. */
export function newTurn(kind: DatabaseKind): string {
  const greatest = kind === 'sqlite' ? 'max' : 'greatest';
  const last = (index: string, condition: string) =>
    `coalesce((select turn from task ${indexed(kind, index)} where ${condition} order by turn desc limit 1), 0)`;
  return `${greatest}(${last('task_turn', LAST_OF_OWNER)}, ${last('task_round', LAST_CLAIMED)}) + 1`;
}

export function turnValues({ owner, priority }: { readonly owner: string; readonly priority: number }): unknown[] {
  return [owner, priority, priority];
}

/** The order in which pending tasks are claimed; the index `task_pending` has it. */
export const CLAIM_ORDER = 'priority desc, turn, id';

/** For SQLite, whose planner prefers other indexes once it has seen statistics; PostgreSQL takes no advice. */
export function indexed(kind: DatabaseKind, index: string): string {
  return kind === 'sqlite' ? `indexed by ${index}` : '';
}
