import { isDeepStrictEqual } from 'node:util';
import { type Acknowledged, type History, isTerminal } from '../history.ts';
import { type Finding, finding } from './finding.ts';
import type { TaskRow } from './rows.ts';

/** Every acknowledged task is there, and ended once, as it had to. */
export function judgeTasks(history: History, rows: readonly TaskRow[]): Finding[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return [
    ...history.acknowledged.flatMap((task) => judgeTask(task, byId.get(task.id))),
    ...judgeUnanswered(history, rows),
    ...judgeTags(rows),
    ...judgeSightings(history),
  ];
}

function judgeTask({ id, expected }: Acknowledged, row: TaskRow | undefined): Finding[] {
  if (!row) return [finding('lost', `The task ${id} was accepted, and there is no row of it.`)];
  if (!isTerminal(row.status)) return [finding('lost', `The task ${id} is ${row.status} for ever.`)];
  if (row.status !== expected.status)
    return [finding('wrong', `The task ${id} ${ending(row)}; it should have ${expected.status}.`)];

  const faults = [
    row.leaseOwner !== null && 'still has a lease',
    expected.codes && !expected.codes.includes(row.error?.code ?? '') && ending(row),
    'data' in expected && !isDeepStrictEqual(row.data, expected.data) && `answered ${JSON.stringify(row.data)}`,
    !isDeepStrictEqual(
      row.outputs.map(({ sha256 }) => sha256),
      [...(expected.outputs ?? [])],
    ) && `has other outputs than a recomputation`,
  ];
  return faults
    .filter((fault) => typeof fault === 'string')
    .map((fault) => finding('wrong', `The task ${id} ${fault}.`));
}

/** A request whose answer got lost may have made a task or none; a task that it made must end, too. */
function judgeUnanswered({ acknowledged }: History, rows: readonly TaskRow[]): Finding[] {
  const known = new Set(acknowledged.map(({ id }) => id));
  return rows
    .filter(({ id, status }) => !known.has(id) && !isTerminal(status))
    .map(({ id, status }) => finding('lost', `The task ${id}, whose answer got lost, is ${status} for ever.`));
}

function judgeTags(rows: readonly TaskRow[]): Finding[] {
  const tags = Map.groupBy(rows, ({ tag }) => tag);
  return [...tags].flatMap(([tag, same]) =>
    tag !== null && same.length > 1 ? [finding('duplicated', `The request ${tag} made ${same.length} tasks.`)] : [],
  );
}

/** Nothing follows a terminal status, and it is reached at one time only. */
function judgeSightings({ sightings }: History): Finding[] {
  return [...Map.groupBy(sightings, ({ id }) => id)].flatMap(([id, seen]) => {
    const first = seen.findIndex(({ status }) => isTerminal(status));
    const [end, ...after] = first < 0 ? [] : seen.slice(first);
    return after.map(({ status, finishedAt }) =>
      finding(
        isTerminal(status) ? 'duplicated' : 'wrong',
        `The task ${id} was ${end?.status} at ${end?.finishedAt}, and then ${status} at ${finishedAt}.`,
      ),
    );
  });
}

function ending({ status, error }: TaskRow): string {
  return error ? `${status} with ${error.code}` : status;
}
