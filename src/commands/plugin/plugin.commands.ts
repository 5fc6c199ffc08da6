import type { Command } from 'commander';
import type { Print } from '../print.js';
import type { MakeApp } from '../../authoring/dev/dev.house.js';
import { addDevCommand } from './dev.command.js';
import { addDoctorCommand } from './doctor.command.js';
import { addLintCommand } from './lint.command.js';
import { addNewCommand } from './new.command.js';
import { addAdminCommands } from './admin.commands.js';
import { addInstallCommand } from './install.command.js';
import { addPackCommand } from './pack.command.js';
import { addTestCommand } from './test.command.js';

/** What authors of plugins do. Each command loads what it needs when it is given: most answer before the house is loaded. */
export function addPluginCommands(program: Command, print: Print, makeApp: MakeApp): void {
  const plugin = program.command('plugin').description('make, check, try and install plugins');

  addDevCommand(plugin, print, makeApp);
  addDoctorCommand(plugin, print);
  addNewCommand(plugin, print);
  addLintCommand(plugin, print);
  addTestCommand(plugin, print);
  addPackCommand(plugin, print);
  addInstallCommand(plugin, print);
  addAdminCommands(plugin, print);
}
