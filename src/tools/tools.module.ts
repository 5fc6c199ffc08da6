import { type DynamicModule, Module } from '@nestjs/common';
import { DescriptionCache } from './description.cache.js';
import { ServiceCheck } from './remote/service.check.js';
import { ServiceWatch } from './remote/service.watch.js';
import { ToolRegistry } from './tool.registry.js';
import { ToolsController } from './tools.controller.js';

@Module({})
export class ToolsModule {
  /** @param http whether this process answers requests for tools */
  static forRoot(http: boolean): DynamicModule {
    return {
      module: ToolsModule,
      global: true,
      controllers: http ? [ToolsController] : [],
      providers: [DescriptionCache, ToolRegistry, ServiceCheck, ServiceWatch],
      exports: [ToolRegistry],
    };
  }
}
