/**
 * How much longer than promised a test lets something take. The slowest machine that runs the tests has two processors,
 * and does four things at once on them.
 */
const FACTOR = 3;

/**
 * What a test demands where so much time is promised. A test shares its machine with others, so it must fail only when
 * the mechanism is missing that keeps the promise; whether the promise is kept is measured by `bench/promises.bench.ts`.
 *
 * So make sure that without the mechanism it would take longer than this, best for ever: what hangs must hang for long,
 * a grace must be long, a file must be held to the end. Where that cannot be, do not look at the clock: assert the
 * mechanism itself, such as the signal that ended a process.
 *
 * @param promised in milliseconds, or in whatever unit the answer is wanted
 */
export function onBusyMachine(promised: number): number {
  return FACTOR * promised;
}
