import { execFileSync, spawn } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { watch, writeSync } from 'node:fs';
import { chmod, link, readFile, rename, symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { once } from 'node:events';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { ToolResult } from 'toolyard/sdk';
import { attempts } from './attempts.ts';
import { type Deed, forever, spin } from './deed.ts';
import { bombs } from './deeds.bombs.ts';
import { outputs } from './deeds.outputs.ts';
import { byProgram } from './deeds.programs.ts';

/** The file descriptor on which the child speaks to its parent. */
const PIPE = 3;
const STDOUT = 1;

/** What a tool must not do, or does by mistake, by name. */
export const deeds: Readonly<Record<string, Deed>> = {
  ...bombs,
  ...outputs,
  ...byProgram,
  spin,
  async spinWithFriend(run) {
    void run.exec('sleep', ['1000']);
    await wait(50);
    return spin();
  },
  ignoreSigterm() {
    process.on('SIGTERM', () => {});
    return forever();
  },
  exit: () => process.exit(7),
  abort: () => process.abort(),
  throwLater: () => {
    setTimeout(() => {
      throw new Error('Thrown later.');
    });
    return forever();
  },
  rejectUnseen: () => {
    void Promise.reject(new Error('Nobody awaits me.'));
    return forever();
  },
  throwNothing: () => Promise.reject(undefined),
  async floodProgress(run) {
    for (let index = 0; index < 100_000; index += 1) {
      run.progress(index / 100_000);
      if (index % 1_000 === 0) await wait(2);
    }
    return {};
  },
  async floodLog({ log }) {
    for (let index = 0; index < 10_000; index += 1) {
      log.info('x'.repeat(1_000));
      if (index % 1_000 === 0) await wait(1);
    }
    return {};
  },
  floodPipe: () => {
    const line = `${JSON.stringify({ type: 'progress', run: 0, ratio: 0.5, message: null })}\n`;
    for (;;) tell(line.repeat(100));
  },
  floodStdout: () => {
    for (;;) tell('x'.repeat(10_000), STDOUT);
  },
  largeData: () => ({ data: 'x'.repeat(5_000_000) }),
  /** 200 MB without an end of line. */
  hugeMessage: () => {
    const part = 'x'.repeat(1_000_000);
    for (let megabytes = 0; megabytes < 200; megabytes += 1) tell(part);
    return {};
  },
  largeMessage: () => tell(JSON.stringify({ type: 'done', run: 0, data: 'x'.repeat(5_000_000) })),
  brokenMessage: () => tell('{"type":'.concat('\n')),
  strangeMessage: () => tell(`${JSON.stringify({ type: 'done', run: 0, outputs: [{ path: 7 }] })}\n`),
  cyclicData: () => {
    const data: Record<string, unknown> = {};
    data['self'] = data;
    return { data };
  },
  speakAfterwards: () => {
    setTimeout(() => tell(`${JSON.stringify({ type: 'ready' })}\n`), 20);
    return {};
  },
  leaveInterval: () => {
    setInterval(() => {}, 10);
    return { data: process.pid };
  },
  leaveHandle: async ({ workspace }) => {
    watch(workspace);
    return { data: process.pid };
  },
  leaveProgram: () => ({ data: spawn('sleep', ['1000'], { stdio: 'ignore' }).pid }),
  /** In a session of its own, so that it is in no group of ours. */
  leaveDaemon: () => {
    const daemon = spawn('sleep', ['1000'], { stdio: 'ignore', detached: true });
    daemon.unref();
    return { data: daemon.pid };
  },
  spinAfterwards: () => {
    setTimeout(spin, 20);
    return { data: process.pid };
  },
  environment: () => ({ data: { env: process.env, cwd: process.cwd() } }),
  async undeclaredProgram(run) {
    await run.exec('cat', ['/etc/passwd']);
    return {};
  },
  snoop: ({ options }) =>
    attempts({
      passwd: () => readFile('/etc/passwd'),
      parentEnvironment: () => readFile(`/proc/${process.ppid}/environ`),
      ownEnvironment: () => readFile('/proc/self/environ'),
      target: () => readFile(options.target),
      hostCode: () => import(options.target),
      database: () => import('node:sqlite'),
    }),
  call: ({ options }) =>
    attempts({
      tcp: () => once(connect(Number(options.target), '127.0.0.1'), 'connect'),
      unix: () => once(connect(`${process.cwd()}/socket`), 'connect'),
      dns: () => lookup('localhost'),
      fetch: () => fetch(`http://127.0.0.1:${options.target}/`),
    }),
  start: () =>
    attempts({
      program: () => execFileSync('true'),
      node: () => spawn(process.execPath),
      thread: () => new Worker('', { eval: true }),
    }),
  strike: () =>
    attempts({
      parent: () => process.kill(process.ppid, 0),
      parentByBackDoor: () => Reflect.get(process, '_kill')(process.ppid, 0),
      debugger: () => Reflect.get(process, '_debugProcess')(process.ppid),
    }),
  escape: ({ workspace, options }) =>
    attempts({
      root: () => writeFile('/toolyard-was-here', ''),
      temporary: () => writeFile(`/tmp/${basename(workspace)}`, ''),
      home: () => writeFile(join(dirname(dirname(workspace)), 'here'), ''),
      inputs: () => writeFile(join(dirname(dirname(workspace)), 'in', 'here'), ''),
      target: () => writeFile(join(options.target, 'here'), ''),
      sharedMemory: () => writeFile(`/dev/shm/${basename(workspace)}`, ''),
      throughLink: () => symlink('/etc', join(workspace, 'etc')).then(() => readFile(join(workspace, 'etc', 'passwd'))),
    }),
  /** Writes where it is told to. */
  trespass: ({ options }) => attempts({ target: () => writeFile(join(options.target, 'here'), '') }),
  overwrite: ({ inputs: [input], workspace }) => {
    const path = input?.path ?? '';
    return attempts({
      write: () => writeFile(path, 'changed'),
      truncate: () => truncate(path),
      chmod: () => chmod(path, 0o777),
      rename: () => rename(path, `${workspace}/taken`),
      link: () => link(path, `${workspace}/linked`),
      symlink: () => symlink(path, `${workspace}/symlinked`),
      unlink: () => unlink(path),
    });
  },
};

/** Writes past the SDK. The pipe may be full for a while. */
function tell(text: string, descriptor = PIPE): ToolResult {
  let bytes = Buffer.from(text);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(descriptor, bytes));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
    }
  }
  return {};
}
