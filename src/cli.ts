#!/usr/bin/env node
import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { addAuditCommands } from './commands/audit.commands.js';
import { addConfigCommands } from './commands/config.commands.js';
import { addKeyCommands } from './commands/key.commands.js';
import { exitCodeOf } from './commands/remote/exit.codes.js';
import { addListCommands } from './commands/remote/list.commands.js';
import { addLoginCommand } from './commands/remote/login.command.js';
import { addRunCommand } from './commands/remote/run.command.js';
import { addReceiptCommands } from './commands/receipt.commands.js';
import { addUpkeepCommands } from './commands/upkeep.commands.js';
import { addUserCommands } from './commands/user.commands.js';

const program = new Command('toolyard').description('Toolyard, from the command line.');
const print = (line: string): void => console.log(line);

addRunCommand(program);
addListCommands(program, print);
addLoginCommand(program, print);
addUserCommands(program, print);
addKeyCommands(program, print);
addConfigCommands(program, print);
addAuditCommands(program, print);
addReceiptCommands(program, print);
addUpkeepCommands(program, print);

try {
  // The same as for `npm start`.
  if (existsSync('.env')) process.loadEnvFile('.env');
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = exitCodeOf(error);
}
