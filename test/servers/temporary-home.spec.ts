import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { until } from '../conditions.js';
import { isAlive } from './process-table.js';
import { TemporaryHome } from './temporary-home.js';

const OWNER = join(import.meta.dirname, '..', 'fixtures', 'home-owner.ts');
const report = z.object({ path: z.string(), pid: z.number() });

describe('TemporaryHome', () => {
  it('takes its directory and its processes with it', async () => {
    const home = await TemporaryHome.open();
    const { pid = 0 } = home.spawn('sleep', ['600'], { endSignal: 'SIGTERM' });
    expect(isAlive(pid)).toBe(true);

    await home[Symbol.asyncDispose]();

    expect(existsSync(home.path)).toBe(false);
    await until(() => !isAlive(pid), { describe: 'the process is gone' });
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'leaves nothing behind when its owner dies of %s',
    async (signal) => {
      const owner = spawn(process.execPath, [OWNER], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [line] = await once(owner.stdout.setEncoding('utf8'), 'data');
      const { path, pid } = report.parse(JSON.parse(String(line)));
      expect(isAlive(pid)).toBe(true);
      expect(existsSync(path)).toBe(true);

      owner.kill(signal);

      await until(() => !isAlive(pid) && !existsSync(path), { describe: 'process and directory are gone' });
    },
  );
});
