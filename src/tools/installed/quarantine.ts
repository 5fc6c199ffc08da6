import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { AuditLog } from '../../auth/audit/audit.log.js';
import { Config } from '../../config/config.js';
import { ConditionStore } from './condition.store.js';
import { pluginQuarantined, pluginsChanged, type ToolRan, toolRuns } from './installed.channels.js';
import { InstalledPlugins } from './installed.plugins.js';

/**
 * Shuts plugins away that crash in one task after the other. Only what the tool did itself is a crash: not the limits of
 * a run, nor what it says in its own words. Runs that end well cost nothing as long as nothing has crashed.
 */
@Injectable()
export class Quarantine implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(Quarantine.name);
  private unsubscribe = (): void => {};
  /** One after the other, in the order in which runs ended. */
  private noting: Promise<void> = Promise.resolve();

  constructor(
    private readonly config: Config,
    private readonly conditions: ConditionStore,
    private readonly installed: InstalledPlugins,
    private readonly audit: AuditLog,
  ) {}

  onModuleInit(): void {
    if (this.config.PLUGIN_CRASHES === 0) return;
    this.unsubscribe = toolRuns.subscribe((ran) => this.heard(ran));
  }

  async onModuleDestroy(): Promise<void> {
    this.unsubscribe();
    await this.noting;
  }

  private heard(ran: ToolRan): void {
    if (ran.ended === 'well' && !this.isSuspect(ran)) return;
    this.noting = this.noting
      .then(() => (ran.ended === 'crashed' ? this.count(ran) : this.forgive(ran)))
      .catch((err: unknown) => this.logger.warn({ plugin: ran.plugin, err, msg: 'A crash could not be counted.' }));
  }

  private isSuspect({ plugin, hash }: ToolRan): boolean {
    return this.installed.crashesOf({ name: plugin, hash }) > 0;
  }

  private async count({ plugin, hash, task }: ToolRan): Promise<void> {
    const condition = await this.conditions.countCrash(plugin, hash, task, this.config.PLUGIN_CRASHES);
    if (condition === undefined) return;
    const { status, crashes } = condition;
    if (status === 'quarantined' && crashes === this.config.PLUGIN_CRASHES) {
      this.logger.error({
        plugin,
        crashes,
        msg: 'A plugin is quarantined, because it crashed in too many tasks in a row.',
      });
      this.audit.note({ action: 'plugin_quarantine', object: `plugin:${plugin}`, details: { hash, crashes, task } });
      pluginQuarantined.publish({ plugin });
    }
    await this.tell(plugin);
  }

  private async forgive({ plugin, hash }: ToolRan): Promise<void> {
    await this.conditions.forgiveCrashes(plugin, hash);
    await this.tell(plugin);
  }

  private async tell(plugin: string): Promise<void> {
    await this.installed.refresh();
    pluginsChanged.publish({ plugin });
  }
}
