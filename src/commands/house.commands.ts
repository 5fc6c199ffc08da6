import type { Command } from 'commander';
import { addAuditCommands } from './audit.commands.js';
import { addConfigCommands } from './config.commands.js';
import { addKeyCommands } from './key.commands.js';
import type { Print } from './print.js';
import { addReceiptCommands } from './receipt.commands.js';
import { addListCommands } from './remote/list.commands.js';
import { addLoginCommand } from './remote/login.command.js';
import { addRunCommand } from './remote/run.command.js';
import { addUpkeepCommands } from './upkeep.commands.js';
import { addUserCommands } from './user.commands.js';

/** What is done with a server, or in its place. Most of it needs the whole house, which takes a second to load. */
export function addHouseCommands(program: Command, print: Print): void {
  addRunCommand(program);
  addListCommands(program, print);
  addLoginCommand(program, print);
  addUserCommands(program, print);
  addKeyCommands(program, print);
  addConfigCommands(program, print);
  addAuditCommands(program, print);
  addReceiptCommands(program, print);
  addUpkeepCommands(program, print);
}
