import { execFileSync } from 'node:child_process';
import { attempts } from './attempts.ts';
import type { Deed } from './deed.ts';

/** Through programs that it may run, and which obey no rule of Node. */
export const byProgram: Readonly<Record<string, Deed>> = {
  /** A signal of 0 only asks. */
  strikeByProgram: (run) =>
    attempts({
      parent: () => run.exec('kill', ['-0', run.options.target]),
      everything: () => run.exec('ls', ['/proc']).then(({ stdout }) => refuseUnlessNamed(stdout, run.options.target)),
    }),
  snoopByProgram: (run) =>
    attempts({
      passwd: () => run.exec('cat', ['/etc/passwd']),
      target: () => run.exec('cat', [run.options.target]),
    }),
  /** The variables of process 1, which in a namespace is the one that was started for this child. */
  firstEnvironment: async (run) => ({ data: (await run.exec('cat', ['/proc/1/environ'])).stdout.split('\0') }),
  overwriteByProgram: (run) =>
    attempts({ write: () => run.exec('sh', ['-c', `printf changed > ${run.inputs[0]?.path}`]) }),
  callByProgram: (run) =>
    attempts({ tcp: () => run.exec('bash', ['-c', `: < /dev/tcp/127.0.0.1/${run.options.target}`]) }),
  otherProgram: () =>
    attempts({ ls: () => execFileSync('/usr/bin/ls'), shell: () => execFileSync('/bin/sh', ['-c', 'true']) }),
};

function refuseUnlessNamed(listing: string, pid: string): void {
  if (!listing.split('\n').includes(pid)) throw new Error('It is not seen.');
}
