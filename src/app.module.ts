import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { StandardSchemaValidationPipe } from '@nestjs/common';
import { AuditModule } from './auth/audit/audit.module.js';
import { AuthModule } from './auth/auth.module.js';
import { SharingModule } from './auth/sharing/sharing.module.js';
import type { Config } from './config/config.js';
import { ConfigModule } from './config/config.module.js';
import { DatabaseModule } from './database/database.module.js';
import { EncryptionModule } from './encryption/encryption.module.js';
import { invalidRequest } from './errors/invalid-request.js';
import { ProblemFilter } from './errors/problem.filter.js';
import { EventsModule } from './events/events.module.js';
import { FilesModule } from './files/files.module.js';
import { HealthModule } from './health/health.module.js';
import { IdempotencyModule } from './idempotency/idempotency.module.js';
import { LimitsModule } from './limits/limits.module.js';
import { MailModule } from './mail/mail.module.js';
import { McpModule } from './mcp/mcp.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { OutboundModule } from './outbound/outbound.module.js';
import { QueueModule } from './queue/queue.module.js';
import { SandboxModule } from './sandbox/sandbox.module.js';
import { StorageModule } from './storage/storage.module.js';
import { TaskHistoryModule } from './tasks/task-history.module.js';
import { TasksModule } from './tasks/tasks.module.js';
import { WebhooksModule } from './tasks/webhooks/webhooks.module.js';
import { InstalledModule } from './tools/installed/installed.module.js';
import { ServicesModule } from './tools/remote/services.module.js';
import { ToolsModule } from './tools/tools.module.js';
import { WorkerModule } from './worker/worker.module.js';

/** The house, wired. What a process has of it depends on its role. */
@Module({})
export class AppModule {
  static forRoot(config: Config): DynamicModule {
    const http = config.ROLE !== 'worker';
    const works = config.ROLE !== 'api';
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config),
        EncryptionModule,
        DatabaseModule.forRoot(config),
        StorageModule,
        QueueModule.forRoot(config),
        EventsModule.forRoot(config),
        SandboxModule,
        OutboundModule,
        AuditModule.forRoot(http),
        LimitsModule.forRoot(config),
        MailModule.forRoot(config),
        ...(http ? [AuthModule.forRoot()] : []),
        SharingModule,
        IdempotencyModule,
        FilesModule.forRoot(http),
        ToolsModule.forRoot(http),
        ServicesModule,
        TasksModule.forRoot(http),
        WebhooksModule.forRoot(http),
        TaskHistoryModule,
        InstalledModule.forRoot(http),
        ...(works ? [WorkerModule] : []),
        ...(http ? [McpModule] : []),
        HealthModule,
        MetricsModule,
      ],
      providers: [
        { provide: APP_FILTER, useClass: ProblemFilter },
        {
          provide: APP_PIPE,
          useValue: new StandardSchemaValidationPipe({ exceptionFactory: (issues) => invalidRequest(issues) }),
        },
      ],
    };
  }
}
