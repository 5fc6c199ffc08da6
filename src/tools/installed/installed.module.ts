import { type DynamicModule, Module } from '@nestjs/common';
import { PluginSweep } from './plugin.sweep.js';
import { PluginWatch } from './plugin.watch.js';
import { PluginsController } from './plugins.controller.js';
import { Quarantine } from './quarantine.js';

/** What a server does about installed plugins, beside having them. */
@Module({})
export class InstalledModule {
  /** @param http whether this process answers requests for plugins */
  static forRoot(http: boolean): DynamicModule {
    return {
      module: InstalledModule,
      controllers: http ? [PluginsController] : [],
      providers: [PluginSweep, PluginWatch, Quarantine],
    };
  }
}
