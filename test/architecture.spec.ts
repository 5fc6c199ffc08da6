import { execFile } from 'node:child_process';
import { appendFile, cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';

const execute = promisify(execFile);
const ROOT = fileURLToPath(new URL('../', import.meta.url));
const DEPCRUISE = join(ROOT, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruiser.mjs');
const COPIED = ['src', 'plugins', 'package.json', 'tsconfig.json', '.dependency-cruiser.cjs'];

const reportSchema = z.object({
  summary: z.object({
    violations: z.array(z.object({ from: z.string(), rule: z.object({ name: z.string() }) })),
  }),
});

/** A file that must not be, what it says, and the rules that say so. */
const FORBIDDEN: readonly (readonly [path: string, code: string, ...rules: string[]])[] = [
  ['src/errors/forward.ts', `import '../tasks/task.status.js';`, 'nothing-forward-from-errors'],
  ['src/errors/type.ts', `import type { Task } from '../tasks/task.entity.js';`, 'nothing-forward-from-errors'],
  ['src/tasks/forward.ts', `import '../worker/runner.js';`, 'nothing-forward-from-tasks'],
  ['src/files/application.ts', `import '../app.js';`, 'nothing-forward-from-files'],
  ['src/sdk/forward.ts', `import '../errors/problem.js';`, 'nothing-forward-from-sdk', 'sdk-imports-only-zod'],
  ['src/sdk/files.ts', `import 'node:fs';`, 'sdk-imports-only-zod'],
  ['plugins/file/config.ts', `import '../../src/config/config.ts';`, 'plugins-see-only-the-sdk'],
  ['plugins/file/neighbour.ts', `import '../image/size.ts';`, 'plugins-see-only-the-sdk'],
  ['plugins/file/process.ts', `import 'node:child_process';`, 'one-door-to-child_process'],
  ['src/files/process.ts', `import 'child_process';`, 'one-door-to-child_process'],
  ['src/tasks/request.ts', `import { get } from 'node:https'; export const door = get;`, 'one-door-to-the-network'],
  ['src/tasks/name.ts', `import { lookup } from 'dns'; export const door = lookup;`, 'one-door-to-the-network'],
  ['src/tasks/socket.ts', `import { connect } from 'node:net'; export const door = connect;`, 'few-doors-to-sockets'],
  ['src/tasks/bull.ts', `import 'bull';`, 'one-door-to-bull'],
  ['src/tasks/nest-bull.ts', `import '@nestjs/bull';`, 'one-door-to-bull'],
  ['src/tasks/redis.ts', `import 'ioredis';`, 'one-door-to-ioredis'],
  ['src/tasks/storage.ts', `import '../storage/local.storage.js';`, 'adapter-only-by-its-module'],
  ['src/tasks/queue.ts', `import '../queue/bull.queue.js';`, 'adapter-only-by-its-module'],
  ['src/tasks/rows.controller.ts', `import '@mikro-orm/core';`, 'controllers-never-import-the-orm'],
  ['src/tools/plugin.ts', `import '../../plugins/file/limits.ts';`, 'src-never-imports-plugins-or-tests'],
  ['src/files/circle.ts', `import './round.js';`, 'no-circular'],
  ['src/files/alone.ts', `export {};`, 'no-orphans'],
  ['src/files/barrel.ts', `import './detection/index.js';`, 'no-barrels'],
  ['src/files/folder.ts', `import '../utils/words.js';`, 'known-folder'],
  ['src/files/development.ts', `import 'jest';`, 'dev-dependencies-stay-in-development'],
  ['src/files/nowhere.ts', `import './nothing.js';`, 'not-to-unresolvable'],
];

/** What the forbidden files import, and what is itself in order. */
const HARMLESS: readonly (readonly [path: string, code: string])[] = [
  ['src/files/round.ts', `import './circle.js';`],
  ['src/files/detection/index.ts', `export * from './detect.js';`],
  ['src/utils/words.ts', `export * from '../errors/problem.js';`],
  ['src/sandbox/secretive.ts', `import '../config/config.variables.js';`],
];

describe('the architecture', () => {
  let directory: string;
  let violations: { from: string; rule: string }[];

  beforeAll(async () => {
    directory = await realpath(await mkdtemp(join(tmpdir(), 'toolyard-architecture-')));
    for (const path of COPIED) await cp(join(ROOT, path), join(directory, path), { recursive: true });
    await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
    for (const [path, code] of [...FORBIDDEN, ...HARMLESS]) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), code);
    }
    await appendFile(join(directory, 'src/sandbox/child.tools.ts'), `import './secretive.js';`);
    violations = await cruise();
  }, 120_000);
  afterAll(() => rm(directory, { recursive: true }));

  /** As `npm run architecture` does it; only the packages are found through a link. */
  const cruise = async () => {
    const rules = `const rules = require('./.dependency-cruiser.cjs');
      module.exports = { ...rules, options: { ...rules.options, preserveSymlinks: true } };`;
    await writeFile(join(directory, 'rules.cjs'), rules);
    const options = ['--config', 'rules.cjs', '--output-type', 'json', 'src', 'plugins'];
    const { stdout } = await execute(process.execPath, [DEPCRUISE, ...options], { cwd: directory, maxBuffer: 1e9 });
    const { summary } = reportSchema.parse(JSON.parse(stdout));
    return summary.violations.map(({ from, rule }) => ({ from, rule: rule.name }));
  };
  const brokenBy = (path: string): string[] =>
    [...new Set(violations.filter(({ from }) => from === path).map(({ rule }) => rule))].toSorted();

  it.each(FORBIDDEN)('does not let %s say %s', (path, _, ...rules) => {
    expect(brokenBy(path)).toEqual(rules.toSorted());
  });

  it('does not let what runs in a child reach the configuration, by whatever way', () => {
    expect(brokenBy('src/sandbox/child.ts')).toEqual(['child-reaches-nothing-of-the-host']);
  });

  it('has nothing against all the rest', () => {
    const known = new Set(['src/sandbox/child.ts', ...FORBIDDEN.map(([path]) => path)]);

    expect(violations.filter(({ from }) => !known.has(from))).toEqual([]);
  });
});
