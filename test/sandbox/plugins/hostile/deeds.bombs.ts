import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Deed, forever } from './deed.ts';

const MIB = 1024 ** 2;

/** More than any limit allows, and still something that a machine survives when there is no limit. */
const MANY_PROGRAMS = 300;
const MANY_FILES = 20_000;

const hoarded: Buffer[] = [];

/** Takes more of something than there is for it. */
export const bombs: Readonly<Record<string, Deed>> = {
  /** Steps: two to the power of the number of letters. */
  catastrophicPattern: () => ({ data: /^(a+)+$/.test(`${'a'.repeat(40)}!`) }),
  heapBomb: () => {
    const kept: unknown[] = [];
    for (;;) kept.push(Array.from({ length: 10_000 }, () => ({})));
  },
  /** At once, outside of what V8 counts as its heap. */
  bufferBomb: () => {
    const kept: Buffer[] = [];
    for (;;) kept.push(Buffer.alloc(16 * MIB, 1));
  },
  /** As `bufferBomb`, but slowly enough to be seen by whoever watches. */
  async slowBufferBomb() {
    const kept: Buffer[] = [];
    for (;;) {
      kept.push(Buffer.alloc(8 * MIB, 1));
      await wait(20);
    }
  },
  /** Needs so many MiB, once, and answers. */
  async need({ options }) {
    const held = Buffer.alloc(Number(options.target) * MIB, 1);
    await wait(400);
    return { data: held.length };
  },
  /** Keeps so many MiB for ever. */
  hoard: ({ options }) => {
    hoarded.push(Buffer.alloc(Number(options.target) * MIB, 1));
    return {};
  },
  /** Uses so many milliseconds of processor time. */
  compute: ({ options }) => {
    const before = process.cpuUsage().user;
    while (process.cpuUsage().user - before < Number(options.target) * 1_000);
    return {};
  },
  async forkBomb({ progress }) {
    for (let index = 0; index < MANY_PROGRAMS; index += 1) {
      spawn('sleep', ['1000'], { stdio: 'ignore' }).on('error', () => {});
      progress(index / MANY_PROGRAMS);
      await wait(5);
    }
    return forever();
  },
  openFiles: ({ workspace }) => {
    const open: number[] = [];
    try {
      while (open.length < MANY_FILES) open.push(openSync(join(workspace, 'open'), 'w'));
      return { data: { code: 'none', open: open.length } };
    } catch (error) {
      return { data: { code: codeOf(error), open: open.length } };
    } finally {
      open.forEach((descriptor) => closeSync(descriptor));
    }
  },
  /** In one file. */
  fillFile: ({ workspace }) => {
    const descriptor = openSync(join(workspace, 'large'), 'w');
    const block = Buffer.alloc(MIB, 1);
    for (;;) writeSync(descriptor, block);
  },
  /** In many files, each of which is small. */
  async fillWorkspace({ workspace, progress }) {
    const block = Buffer.alloc(MIB, 1);
    for (let index = 0; ; index += 1) {
      await writeFile(join(workspace, String(index)), block);
      progress(0.5, `${index} files`);
    }
  },
  /** No bytes at all, but names. */
  fillWithNames: ({ workspace }) => {
    for (let index = 0; ; index += 1) mkdirSync(join(workspace, String(index)));
  },
  /** On all threads that there are, through the thread pool of Node. */
  async burnProcessor() {
    const { pbkdf2 } = await import('node:crypto');
    const burn = () => pbkdf2('secret', 'salt', 2_000_000, 64, 'sha512', burn);
    for (let thread = 0; thread < 4; thread += 1) burn();
    return forever();
  },
};

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
