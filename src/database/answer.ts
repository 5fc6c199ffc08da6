import { ConnectionException } from '@mikro-orm/core';

/** A database that stands still says nothing at all. After so long whoever asked is told that it does not answer. */
export const ANSWER_MS = 1_500;

/** The answer, or ConnectionException when it does not come in time: what was asked may still be carried out. */
export async function inTime<T>(answer: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(noAnswer()), ANSWER_MS);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

export function noAnswer(cause: Error = new Error('The database does not answer.')): ConnectionException {
  return new ConnectionException(cause);
}
