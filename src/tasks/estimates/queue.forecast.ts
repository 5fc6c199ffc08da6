import type { QueuePicture, RunningTask, WaitingTask } from './queue.snapshot.js';
import type { RunTimes } from './run-times.js';

/** When something happens, milliseconds from now. */
export interface Expectation {
  readonly mean: number;
  readonly variance: number;
}

/** Limits beside the number of slots. Infinity: there is none. */
export interface RunLimits {
  /** Runs of this tool at the same time, on all workers together. */
  readonly ofTool: (tool: string) => number;
  /** Of one owner. */
  readonly ofOwner: number;
}

/** A run that has its place: when that becomes free. */
interface Place extends Expectation {
  readonly tool: string | undefined;
  readonly owner: string | undefined;
}

const NOW: Expectation = { mean: 0, variance: 0 };
const FREE: Place = { ...NOW, tool: undefined, owner: undefined };

/**
 * When each waiting task would start: workers are played through, run by run, with the time that such runs usually take.
 * Undefined when nothing is known of any run.
 *
 * @returns for each waiting task in its order, and one more: for a task that came after all of them
 */
export function expectedStarts(picture: QueuePicture, limits: RunLimits): Expectation[] | undefined {
  const { history, running, waiting } = picture;
  const { all } = history;
  if (!all) return waiting.length === 0 && running.length < picture.slots ? [NOW] : undefined;
  const usual = ({ tool, inputBytes }: RunningTask | WaitingTask): RunTimes => history.of(tool, inputBytes) ?? all;
  const taken = running.map((run) => ({ ...run, ...usual(run).leftAfter(Math.max(picture.at - run.startedAt, 0)) }));
  const free = Math.max(picture.slots, running.length, 1) - running.length;
  const places: Place[] = [...taken, ...Array.from({ length: free }, () => FREE)];
  const starts = waiting.map((task) => {
    const start = startOf(task, places, limits);
    const { mean, variance } = usual(task);
    const index = placeFor(start, places);
    places[index] = { ...task, mean: start.mean + mean, variance: start.variance + variance };
    return start;
  });
  return [...starts, earliest(places)];
}

/** When there is a slot, and neither the tool nor the owner has as many as they may. */
function startOf(task: WaitingTask, places: readonly Place[], { ofTool, ofOwner }: RunLimits): Expectation {
  const bounds = [earliest(places)];
  if (Number.isFinite(ofTool(task.tool)))
    bounds.push(
      roomAmong(
        places.filter(({ tool }) => tool === task.tool),
        ofTool(task.tool),
      ),
    );
  if (Number.isFinite(ofOwner))
    bounds.push(
      roomAmong(
        places.filter(({ owner }) => owner === task.owner),
        ofOwner,
      ),
    );
  return bounds.reduce((latest, bound) => (bound.mean > latest.mean ? bound : latest));
}

/** When so many of them are over that fewer than `most` are left. */
function roomAmong(places: readonly Place[], most: number): Expectation {
  const ends = places.toSorted((one, other) => one.mean - other.mean);
  return ends.length < most ? NOW : (ends[ends.length - most] ?? NOW);
}

/** The slot that waits for it the shortest time, so that others can use those that are free before. */
function placeFor({ mean: start }: Expectation, places: readonly Place[]): number {
  let best = 0;
  places.forEach(({ mean }, index) => {
    if (isBetter(mean, places[best]?.mean ?? Infinity, start)) best = index;
  });
  return best;
}

function isBetter(mean: number, best: number, start: number): boolean {
  if (mean > start) return mean < best;
  return best > start || mean > best;
}

function earliest(places: readonly Place[]): Expectation {
  return places.reduce((first, place) => (place.mean < first.mean ? place : first));
}
