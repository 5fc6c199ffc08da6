#!/usr/bin/env node
import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { Command } from 'commander';
import type { MakeApp } from './authoring/dev/dev.house.js';
import { addPluginCommands } from './commands/plugin/plugin.commands.js';
import { exitCodeOf } from './commands/remote/exit.codes.js';

const program = new Command('toolyard').description('Toolyard, from the command line.');
const print = (line: string): void => console.log(line);
const makeApp: MakeApp = async (config, logger) => (await import('./app.js')).createApp(config, logger);

const OLDEST_NODE = 26;

try {
  if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE)
    throw new Error(
      `Node ${OLDEST_NODE} is needed, this is ${process.versions.node}: node_modules/.bin has the right one.`,
    );
  // The same as for `npm start`.
  if (existsSync('.env')) process.loadEnvFile('.env');
  // An author gives these commands all day, and they need nothing of what takes long to load.
  if (process.argv[2] !== 'plugin') (await import('./commands/house.commands.js')).addHouseCommands(program, print);
  addPluginCommands(program, print, makeApp);
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = exitCodeOf(error);
}
