import type { Answer } from '../history.ts';
import { type Finding, finding } from './finding.ts';

/** DESIGN promise 6. */
export const ANSWER_MS = 2_000;

/** Every request was answered in time, also those that were refused. */
export function judgeAnswers(answers: readonly Answer[]): Finding[] {
  return answers
    .filter(({ ms }) => ms > ANSWER_MS)
    .map(({ request, status, ms }) => finding('late', `${request} took ${Math.round(ms)} ms (answer: ${status}).`));
}
