import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Deed } from './deed.ts';

const TEN_GIB = 10 * 1024 ** 3;

/** Answers with outputs that are none. */
export const outputs: Readonly<Record<string, Deed>> = {
  wrongOutputs: () => JSON.parse('{ "outputs": ["/etc/passwd"] }'),
  million: ({ workspace }) => ({
    outputs: Array.from({ length: 1_000_000 }, () => ({ path: join(workspace, 'a') })),
  }),
  async thousands({ workspace }) {
    const paths = Array.from({ length: 1_001 }, (_, index) => join(workspace, String(index)));
    await Promise.all(paths.map((path) => writeFile(path, 'x')));
    return { outputs: paths.map((path) => ({ path })) };
  },
  outside: ({ workspace, options }) => ({ outputs: [{ path: options.target || join(workspace, '../../x') }] }),
  async climbingName({ workspace }) {
    const path = join(workspace, 'a');
    await writeFile(path, 'bytes');
    return { outputs: [{ path, name: '../../../x' }] };
  },
  device: () => ({ outputs: [{ path: '/dev/zero' }] }),
  async pipe(run) {
    const path = join(run.workspace, 'pipe');
    await run.exec('mkfifo', [path]);
    return { outputs: [{ path }] };
  },
  async directory({ workspace }) {
    const path = join(workspace, 'directory');
    await mkdir(path);
    return { outputs: [{ path }] };
  },
  async empty({ workspace }) {
    const path = join(workspace, 'empty');
    await writeFile(path, '');
    return { outputs: [{ path }] };
  },
  async sparse({ workspace }) {
    const path = join(workspace, 'sparse');
    await writeFile(path, 'x');
    await truncate(path, TEN_GIB);
    return { outputs: [{ path }] };
  },
  async linked({ workspace, options }) {
    const path = join(workspace, 'linked');
    await symlink(options.target || '/etc/passwd', path);
    return { outputs: [{ path }] };
  },
  /** Where no other run should find it. */
  async beside({ workspace }) {
    await writeFile(join(dirname(workspace), 'left-behind'), 'bytes');
    return {};
  },
};
