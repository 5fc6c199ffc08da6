import type { DynamicModule, INestApplicationContext, Provider, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuditModule } from '../auth/audit/audit.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { SharingModule } from '../auth/sharing/sharing.module.js';
import { loadConfig } from '../config/config.load.js';
import { ConfigModule } from '../config/config.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { FilesModule } from '../files/files.module.js';
import { IdempotencyModule } from '../idempotency/idempotency.module.js';
import { LimitsModule } from '../limits/limits.module.js';
import { MailModule } from '../mail/mail.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { TasksModule } from '../tasks/tasks.module.js';

/**
 * Opens as much of the house as a command needs: rows and bytes, but no server and no queue; and no tool, unless the
 * rooms for it are asked for.
 */
export async function inHouse<Found>(
  work: (house: INestApplicationContext) => Promise<Found>,
  rooms: (Type | DynamicModule)[] = [],
  providers: Provider[] = [],
): Promise<Found> {
  const config = loadConfig();
  const imports = [
    ConfigModule.forRoot(config),
    DatabaseModule.forRoot(config),
    StorageModule,
    LimitsModule.forRoot(config),
    MailModule.forRoot(config),
    AuditModule.forRoot(false),
    AuthModule.forCommands(),
    SharingModule,
    IdempotencyModule,
    FilesModule.forRoot(false),
    ...rooms,
    TasksModule.forRoot(false),
  ];
  const house = await NestFactory.createApplicationContext(
    { module: class Commands {}, imports, providers },
    { logger: ['error'], abortOnError: false },
  );
  try {
    return await work(house);
  } finally {
    await house.close();
  }
}
