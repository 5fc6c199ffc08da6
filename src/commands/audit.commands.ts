import { type Command, InvalidArgumentError } from 'commander';
import type { ChainHead } from '../auth/audit/audit.chain.js';
import { AuditStore } from '../auth/audit/audit.store.js';
import { verifyChain } from '../auth/audit/audit.verification.js';
import { inHouse } from './house.js';
import type { Print } from './print.js';

/** What proves that the audit log is whole. */
export function addAuditCommands(program: Command, print: Print): void {
  program
    .command('audit')
    .description('the audit log')
    .command('verify')
    .description('prove that no event was changed, inserted or removed; exit code 1 when one was')
    .option('--expect-head <head>', 'a head that an earlier verification printed: finds a log that was cut off', asHead)
    .action((options: { expectHead?: ChainHead }) => verify(options.expectHead, print));
}

async function verify(remembered: ChainHead | undefined, print: Print): Promise<void> {
  const { head, ...found } = await inHouse((house) => verifyChain(house.get(AuditStore), remembered));
  if (!found.intact)
    throw new Error(`The audit log is broken: ${found.reason}. It fits up to ${head.seq}:${head.hash}`);
  print(`The audit log is intact: ${head.seq} events.\nHead: ${head.seq}:${head.hash}`);
  print('Keep the head elsewhere: with --expect-head it proves later that nothing was cut off the end.');
}

function asHead(text: string): ChainHead {
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq === undefined || hash === undefined) throw new InvalidArgumentError('It looks like 12:9f86d081….');
  return { seq: Number(seq), hash };
}
