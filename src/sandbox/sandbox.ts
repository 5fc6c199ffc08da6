import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Config } from '../config/config.js';
import { variablesFor } from '../config/config.variables.js';
import { DEFAULT_LIMITS } from '../sdk/index.js';
import { askForDescription } from './describe.js';
import { Launcher } from './launcher.js';
import type { PluginCode } from './plugin.code.js';
import { Pool } from './pool.js';
import type { Slot } from './slot.js';
import type { Description } from './tool.description.js';
import { WorkDirectory } from './work.directory.js';

/** A child costs 0.1 to 0.2 s of processor time to start and to load its first tool. */
const MAX_RUNS = 100;
const MIN_AGE_MS = 10_000;
const IDLE_MS = 60_000;

/** More than one child per task that runs: some plugins are used in turn. */
const SPARE_CHILDREN = 4;

/** Where the code of plugins runs: never here, always in a child that knows nothing of the platform and can be ended. */
@Injectable()
export class Sandbox implements OnModuleInit, OnApplicationShutdown {
  private readonly root: string;
  private readonly launcher = new Launcher(variablesFor);
  private readonly pool: Pool;
  private opening: Promise<WorkDirectory> | undefined;

  constructor(config: Config) {
    this.root = join(config.DATA_DIR, 'work');
    this.pool = new Pool(() => this.work(), this.launcher, {
      maxIdle: config.WORKER_CONCURRENCY + SPARE_CHILDREN,
      maxRuns: MAX_RUNS,
      minAgeMs: MIN_AGE_MS,
      idleMs: IDLE_MS,
    });
  }

  /** At once, because a process before this one may have been killed, and what it left running goes on until then. */
  async onModuleInit(): Promise<void> {
    await this.work();
  }

  /**
   * What a plugin's tools say of themselves, asked in a child of its own. A plugin that cannot be loaded has no tools
   * and a fault with its reason. Rejects only when no child can be started at all.
   */
  async describe(plugin: PluginCode): Promise<Description> {
    const directory = await (await this.work()).forChild();
    try {
      const launch = { plugin, memoryMb: DEFAULT_LIMITS.memoryMb, directory, writable: false };
      return await askForDescription(await this.launcher.start(launch), plugin.tools);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  /**
   * A slot in which tools of this plugin run, one at a time; release it afterwards. Rejects when no child can be started.
   *
   * @param memoryMb MiB for JavaScript objects; by default the largest that any of the plugin's tools needs.
   */
  acquire(plugin: PluginCode, memoryMb: number): Promise<Slot> {
    return this.pool.acquire(plugin, memoryMb);
  }

  /** Ends every child and removes all that they had. */
  async onApplicationShutdown(): Promise<void> {
    await this.pool.close();
    await (await this.opening)?.close();
  }

  private work(): Promise<WorkDirectory> {
    this.opening ??= WorkDirectory.open(this.root).catch((error: unknown) => {
      this.opening = undefined;
      throw error;
    });
    return this.opening;
  }
}
