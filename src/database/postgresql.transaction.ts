import type { EntityManager } from '@mikro-orm/core';
import type { Statement } from './rows.js';

/** Makes the transaction end without a trace. */
class NothingChanged extends Error {}

/** See Database.together. */
export async function allOrNothing(em: EntityManager, statements: readonly Statement[]): Promise<boolean> {
  try {
    await em.transactional(async (em) => {
      for (const { text, values } of statements) {
        const { affectedRows } = await em.getConnection().execute(text, [...values], 'run', em.getTransactionContext());
        if (affectedRows === 0) throw new NothingChanged();
      }
    });
    return true;
  } catch (error) {
    if (error instanceof NothingChanged) return false;
    throw error;
  }
}
