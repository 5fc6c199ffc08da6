import { type DynamicModule, Global, Module } from '@nestjs/common';
import { MikroOrmModule } from '@mikro-orm/nestjs';
import { Config } from '../config/config.js';
import { Database } from './database.js';
import { databaseDriver, databaseOptions } from './database.options.js';

@Global()
@Module({ providers: [Database], exports: [Database] })
export class DatabaseModule {
  static forRoot(config: Config): DynamicModule {
    const orm = MikroOrmModule.forRootAsync({
      driver: databaseDriver(config),
      inject: [Config],
      useFactory: (config: Config) => databaseOptions(config),
    });
    return { module: DatabaseModule, imports: [orm] };
  }
}
