import { Injectable, Logger } from '@nestjs/common';
import { Storage } from '../../storage/storage.js';
import { pluginsChanged } from './installed.channels.js';
import { PackageStore } from './package.store.js';
import { PluginNeeds } from './plugin.needs.js';

/** Until then every process has heard that there is another version, and gives this one to no new task. */
const SETTLED_MS = 600_000;

/** Removes versions that nobody needs any more. */
@Injectable()
export class PluginSweep {
  private readonly logger = new Logger(PluginSweep.name);

  constructor(
    private readonly packages: PackageStore,
    private readonly storage: Storage,
    private readonly needs: PluginNeeds,
  ) {}

  async sweep(now = this.packages.now()): Promise<void> {
    for (const { id, name, version, tools } of await this.packages.superseded(new Date(now.getTime() - SETTLED_MS))) {
      if ((await this.needs.unfinished(tools, version)) > 0 || !(await this.packages.remove(id))) continue;
      await this.storage.remove(id);
      this.logger.log({ plugin: name, version, msg: 'A version that no task needs any more was removed.' });
      pluginsChanged.publish({ plugin: name });
    }
  }
}
