import type { ProblemDocument } from '../../src/errors/problem.document.js';
import type { Platform } from '../platform.js';
import { upload } from './client.js';
import { problemOf } from './problem.js';
import { nothingMore, traces } from './traces.js';

/**
 * Makes a request that must be refused and answers the problem, after a look at what every refusal promises: the body is
 * as it should be, no file and no row is left behind, and a good request works at once. For platforms on SQLite.
 */
export async function refused(platform: Platform, request: () => Promise<Response>): Promise<ProblemDocument> {
  const before = await traces(platform);
  const response = await request();
  const problem = await problemOf(response);

  if (response.status >= 500)
    throw new Error(`The fault is the client's, but got ${response.status} ${problem.detail}`);
  await nothingMore(platform, before);
  await upload(platform, 'good.txt', 'good\n');
  return problem;
}
