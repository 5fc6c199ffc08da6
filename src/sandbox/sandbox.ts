import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Config } from '../config/config.js';
import { ConfigurationFault } from '../config/config.fault.js';
import { variablesFor } from '../config/config.variables.js';
import type { ChildHandle } from './child.process.js';
import { askForDescription } from './describe.js';
import { type Detected, detect } from './detection.js';
import type { Finding } from './layers.js';
import { type ChildLimits, DEFAULT_CHILD_LIMITS } from './limits.js';
import type { PluginCode } from './plugin.code.js';
import { Pool } from './pool.js';
import type { Slot } from './slot.js';
import type { Description } from './tool.description.js';
import { WorkDirectory } from './work.directory.js';
import { askForYaml, type YamlFile } from './yaml.file.js';

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
  private readonly logger = new Logger(Sandbox.name);
  private readonly pool: Pool;
  private readonly begun = Promise.withResolvers<void>();
  private opening: Promise<Opened> | undefined;

  constructor(private readonly config: Config) {
    this.root = join(config.DATA_DIR, 'work');
    this.pool = new Pool(() => this.open(), {
      maxIdle: config.WORKER_CONCURRENCY + SPARE_CHILDREN,
      maxRuns: MAX_RUNS,
      minAgeMs: MIN_AGE_MS,
      idleMs: IDLE_MS,
    });
  }

  /**
   * Finds out what protects this machine. Resolves when that goes on in a child, for a tenth of a second or two in which
   * the caller may have something else to do. What goes wrong is met again by whoever needs the sandbox.
   */
  async begin(): Promise<void> {
    await Promise.race([this.begun.promise, this.open().catch(() => {})]);
  }

  /**
   * At once, because a process before this one may have been killed, and what it left running goes on until then; and
   * because the operator shall know at the start what protects this machine. Throws ConfigurationFault when that is
   * less than was asked for.
   */
  async onModuleInit(): Promise<void> {
    const { finding, causes } = await this.open();
    const { mode, layers, missing } = finding;
    const reasons = Object.entries(missing).map(([layer, reason]) => `${layer}: ${reason}`);
    causes.forEach((err) => this.logger.warn({ err, msg: 'A layer of the sandbox does not work here.' }));
    if (mode === 'strict' && reasons.length > 0) {
      await this.onApplicationShutdown();
      throw new ConfigurationFault(reasons.map(unfit));
    }
    this.logger.log({ mode, layers, missing, msg: 'Tools run behind these layers.' });
  }

  /** What protects this machine from the code of plugins. */
  async finding(): Promise<Finding> {
    return (await this.open()).finding;
  }

  /**
   * What a plugin's tools say of themselves, asked in a child of its own. A plugin that cannot be loaded has no tools
   * and a fault with its reason. Rejects only when no child can be started at all.
   */
  async describe(plugin: PluginCode): Promise<Description> {
    return this.ask(plugin, (child) => askForDescription(child, plugin.tools));
  }

  /**
   * Files of a plugin that are in YAML, read in a child of its own: the plugin wrote them. None of its code runs there.
   * Rejects only when no child can be started at all.
   *
   * @param files in the plugin's directory
   */
  async readYaml(plugin: PluginCode, files: readonly string[]): Promise<YamlFile[]> {
    return this.ask(plugin, (child) => askForYaml(child, files));
  }

  private async ask<Answer>(plugin: PluginCode, question: (child: ChildHandle) => Promise<Answer>): Promise<Answer> {
    const { work, launcher } = await this.open();
    const directory = work.forChild();
    try {
      const launch = { plugin, limits: DEFAULT_CHILD_LIMITS, directory, writable: false };
      const child = await launcher.start(launch);
      try {
        return await question(child);
      } finally {
        await child.end();
      }
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  /** A slot in which tools of this plugin run, one at a time; release it afterwards. Rejects when no child can be started. */
  acquire(plugin: PluginCode, limits: ChildLimits): Promise<Slot> {
    return this.pool.acquire(plugin, limits);
  }

  /** Ends every child and removes all that they had. */
  async onApplicationShutdown(): Promise<void> {
    await this.pool.close();
    await (await this.opening)?.work.close();
  }

  private open(): Promise<Opened> {
    this.opening ??= this.openAnew().catch((error: unknown) => {
      this.opening = undefined;
      throw error;
    });
    return this.opening;
  }

  private async openAnew(): Promise<Opened> {
    const work = await WorkDirectory.open(this.root);
    const detected = detect(this.config.SANDBOX, work, variablesFor);
    this.begun.resolve();
    return { work, ...(await detected) };
  }
}

interface Opened extends Detected {
  readonly work: WorkDirectory;
}

function unfit(reason: string): string {
  return `SANDBOX is strict, and this machine lacks a layer: ${reason} Mend that, or set SANDBOX to auto.`;
}
