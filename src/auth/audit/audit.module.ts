import { type DynamicModule, Module } from '@nestjs/common';
import { MikroOrmModule } from '@mikro-orm/nestjs';
import { AuditController } from './audit.controller.js';
import { AuditEvent } from './audit-event.entity.js';
import { AuditLog } from './audit.log.js';
import { AuditStore } from './audit.store.js';

@Module({})
export class AuditModule {
  /** @param http whether this process answers requests for the log */
  static forRoot(http: boolean): DynamicModule {
    return {
      module: AuditModule,
      global: true,
      imports: [MikroOrmModule.forFeature([AuditEvent])],
      controllers: http ? [AuditController] : [],
      providers: [AuditStore, AuditLog],
      exports: [AuditStore, AuditLog],
    };
  }
}
