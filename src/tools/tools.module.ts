import { type DynamicModule, Module } from '@nestjs/common';
import { MikroOrmModule } from '@mikro-orm/nestjs';
import { PackageMaker } from '../plugins/packages/package.maker.js';
import { PackageReader } from '../plugins/packages/package.reader.js';
import { DescriptionCache } from './description.cache.js';
import { ConditionStore } from './installed/condition.store.js';
import { Depot } from './installed/depot.js';
import { InstalledPlugins } from './installed/installed.plugins.js';
import { PackageStore } from './installed/package.store.js';
import { PackageTrial } from './installed/package.trial.js';
import { PluginAdmin } from './installed/plugin.admin.js';
import { PluginCondition } from './installed/plugin-condition.entity.js';
import { PluginList } from './installed/plugin.list.js';
import { PluginPackage } from './installed/plugin-package.entity.js';
import { PluginSwitch } from './installed/plugin.switch.js';
import { ToolRegistry } from './tool.registry.js';
import { ToolsController } from './tools.controller.js';

@Module({})
export class ToolsModule {
  /** @param http whether this process answers requests for tools */
  static forRoot(http: boolean): DynamicModule {
    return {
      module: ToolsModule,
      global: true,
      imports: [MikroOrmModule.forFeature([PluginPackage, PluginCondition])],
      controllers: http ? [ToolsController] : [],
      providers: [
        DescriptionCache,
        ToolRegistry,
        PackageStore,
        ConditionStore,
        PackageMaker,
        PackageReader,
        Depot,
        InstalledPlugins,
        PackageTrial,
        PluginAdmin,
        PluginSwitch,
        PluginList,
      ],
      exports: [
        ToolRegistry,
        PackageStore,
        ConditionStore,
        PackageMaker,
        InstalledPlugins,
        PluginAdmin,
        PluginSwitch,
        PluginList,
      ],
    };
  }
}
