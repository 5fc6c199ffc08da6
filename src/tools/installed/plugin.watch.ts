import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Events } from '../../events/events.js';
import { PLUGINS_CHANGED, pluginsChanged } from './installed.channels.js';
import { InstalledPlugins } from './installed.plugins.js';
import { PluginSweep } from './plugin.sweep.js';

/** Words get lost, and the command line of another machine says none. */
const LOOK_MS = 5_000;
const LOOKS_PER_SWEEP = 12;

/** Sees to it that this process learns what others have changed, and they what this one has. */
@Injectable()
export class PluginWatch implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(PluginWatch.name);
  private subscriptions: (() => void)[] = [];
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private looks = 0;

  constructor(
    private readonly events: Events,
    private readonly installed: InstalledPlugins,
    private readonly sweep: PluginSweep,
  ) {}

  onApplicationBootstrap(): void {
    this.subscriptions = [
      this.events.subscribe(PLUGINS_CHANGED, () => void this.refresh()),
      pluginsChanged.subscribe(({ plugin }) => void this.tell(plugin)),
    ];
    this.timer = setInterval(() => {
      this.looking = this.look();
    }, LOOK_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    for (const unsubscribe of this.subscriptions) unsubscribe();
    await this.looking;
  }

  private async tell(plugin: string): Promise<void> {
    await this.events.publish(PLUGINS_CHANGED, plugin).catch(() => {});
  }

  private async look(): Promise<void> {
    this.looks += 1;
    await this.refresh();
    if (this.looks % LOOKS_PER_SWEEP === 0) await this.sweep.sweep().catch(() => {});
  }

  /** Whoever renews the leases tells of a database that does not answer; the next look is soon. */
  private async refresh(): Promise<void> {
    await this.installed
      .refresh()
      .catch((err: unknown) => this.logger.debug({ err, msg: 'What is installed is not known now.' }));
  }
}
