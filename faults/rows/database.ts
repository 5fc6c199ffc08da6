import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { during } from '../outage.ts';
import { EVERYWHERE, type Performed, type Row } from '../row.ts';
import type { Scene } from '../scene.ts';

const LOCK_HOLDER = join(import.meta.dirname, '..', 'lock-holder.ts');

async function away(scene: Scene): Promise<Performed> {
  await scene.submit(scene.size.tasks / 2);
  const { breakIt, mendIt } = scene.stack === 'embedded' ? locking(scene) : stopping(scene);
  return during(scene, breakIt, () => scene.submit(scene.size.tasks / 4), mendIt);
}

/** What `pg_ctl stop -m immediate` does: no checkpoint, no farewell. */
function stopping({ postgresql }: Scene) {
  return { breakIt: () => postgresql.kill('SIGQUIT'), mendIt: () => postgresql.start() };
}

/** Another process has the file for itself. */
function locking({ home, platform }: Scene) {
  const path = join(platform.dataDir, 'toolyard.sqlite');
  let holder: ChildProcess | undefined;
  return {
    breakIt: async () => {
      holder = home.spawn(process.execPath, [LOCK_HOLDER, path], { endSignal: 'SIGKILL' });
      if (holder.stdout) await once(holder.stdout, 'data');
    },
    mendIt: async () => {
      holder?.kill('SIGKILL');
      if (holder?.exitCode === null && holder.signalCode === null) await once(holder, 'exit');
    },
  };
}

export const DATABASE_ROWS: readonly Row[] = [
  { id: 'I12', fault: 'the database is gone, or locked, for 30 s', stacks: EVERYWHERE, perform: away },
];
