import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { findBinary } from './find-binary.ts';

const run = promisify(execFile);

/** Asked by Debian before it starts a service; 101 forbids it. */
const SERVICE_POLICY = { path: '/usr/sbin/policy-rc.d', text: '#!/bin/sh\nexit 101\n', mode: 0o755 };
/** Asked by the package of PostgreSQL, which would else make a database cluster that nobody uses. */
const CLUSTER_POLICY = {
  path: '/etc/postgresql-common/createcluster.conf',
  text: 'create_main_cluster = false\n',
  mode: 0o644,
};
const OPTIONS = [
  '-q',
  '-y',
  '--no-install-recommends',
  '-o',
  'DPkg::Lock::Timeout=300',
  '-o',
  'Dpkg::Options::=--force-confold',
];

/** Whether packages can be installed here: by root, where apt-get exists. */
export function canInstall(): boolean {
  return process.getuid?.() === 0 && findBinary('apt-get') !== undefined;
}

/** Installs packages of Debian without starting their services, and leaves the system's policies as they were. */
export async function install(...names: readonly string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await using _service = await placed(SERVICE_POLICY);
  await using _cluster = await placed(CLUSTER_POLICY);

  await run('apt-get', ['-q', 'update'], { env });
  await run('apt-get', ['install', ...OPTIONS, ...names], { env, maxBuffer: 64 * 1024 ** 2 });
}

interface Policy {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

/** Puts the file in place, unless the system already has its own, and takes it away when the scope ends. */
async function placed({ path, text, mode }: Policy): Promise<AsyncDisposable> {
  if (existsSync(path)) return { [Symbol.asyncDispose]: async () => {} };

  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  await chmod(path, mode);
  return { [Symbol.asyncDispose]: () => restore(path) };
}

/** Where the package brought a file of its own, dpkg or ucf has put that one aside. */
async function restore(path: string): Promise<void> {
  const theirs = [`${path}.dpkg-dist`, `${path}.ucf-dist`].find((aside) => existsSync(aside));
  if (theirs) await rename(theirs, path);
  else await rm(path, { force: true });
}
