import { CHAIN_START, chained, type ChainHead } from './audit.chain.js';
import type { AuditStore } from './audit.store.js';

const PAGE = 1_000;

/** Whether the chain holds, and how far. */
export type Verification =
  | { readonly intact: true; readonly head: ChainHead }
  | {
      readonly intact: false;
      /** The last row up to which everything fits. */ readonly head: ChainHead;
      readonly reason: string;
    };

/**
 * Walks the chain from the first row to the last. It finds every row that was changed, inserted or removed in between.
 * Rows that were cut off at the end leave a chain that fits: that is found only by whoever remembers a head.
 *
 * @param remembered a head that an earlier verification gave
 */
export async function verifyChain(store: AuditStore, remembered?: ChainHead): Promise<Verification> {
  let head = CHAIN_START;
  for (let rows = await store.after(0, PAGE); rows.length > 0; rows = await store.after(head.seq, PAGE)) {
    for (const row of rows) {
      const expected = chained(head, row);
      if (row.seq !== expected.seq) return broken(head, `row ${expected.seq} is missing`);
      if (row.hash !== expected.hash) return broken(head, `row ${row.seq} does not fit to the one before it`);
      if (row.seq === remembered?.seq && row.hash !== remembered.hash)
        return broken(head, `row ${row.seq} is not the one that was remembered`);
      head = expected;
    }
  }
  if (remembered && remembered.seq > head.seq)
    return broken(head, `the log ends before row ${remembered.seq}, which was remembered`);
  return { intact: true, head };
}

function broken(head: ChainHead, reason: string): Verification {
  return { intact: false, head, reason };
}
