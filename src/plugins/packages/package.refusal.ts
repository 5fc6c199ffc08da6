import { Problem } from '../../errors/problem.js';

const MOST_SHOWN = 20;

/** A package that is not taken, or not made. @param reasons whole sentences */
export function refusedPackage(reasons: readonly string[], cause?: unknown): Problem {
  const shown = reasons.slice(0, MOST_SHOWN);
  const more = reasons.length > MOST_SHOWN ? [`And ${reasons.length - MOST_SHOWN} more.`] : [];
  const details = shown.map((message) => ({ path: '', code: 'package', message }));
  return new Problem('plugin_refused', [...shown, ...more].join(' '), { details, cause });
}
