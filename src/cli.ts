#!/usr/bin/env node
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { Command } from 'commander';
import { ConfigModule } from './config/config.module.js';
import { loadConfig } from './config/config.load.js';
import { DatabaseModule } from './database/database.module.js';

const program = new Command('toolyard').description('Toolyard, from the command line.');

program
  .command('migrate')
  .description('bring the database up to date, as every start does')
  .action(async () => {
    const config = loadConfig();
    const imports = [ConfigModule.forRoot(config), DatabaseModule.forRoot(config)];
    const app = await NestFactory.createApplicationContext(
      { module: class Migration {}, imports },
      { logger: ['error'], abortOnError: false },
    );
    await app.close();
    console.log('The database is up to date.');
  });

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
