import type { Command } from 'commander';
import { describeConfig } from '../config/config.description.js';
import { loadConfig } from '../config/config.load.js';
import { configWarnings } from '../config/config.warnings.js';
import type { Print } from './print.js';

export function addConfigCommands(program: Command, print: Print): void {
  const config = program.command('config').description('the configuration, as the environment gives it');

  config
    .command('check')
    .description('tell everything that is wrong with it')
    .action(() => {
      loadConfig();
      configWarnings().forEach(print);
      print('The configuration is valid.');
    });

  config
    .command('print')
    .description('show every setting, but no secret')
    .action(() => {
      const values = new Map<string, string | number | undefined>(Object.entries(loadConfig()));
      for (const { name, secret } of describeConfig()) print(`${name}=${shown(values.get(name), secret)}`);
    });
}

function shown(value: string | number | undefined, secret: boolean): string {
  if (value === undefined) return '';
  return secret ? '(secret)' : `${value}`;
}
