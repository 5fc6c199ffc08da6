import type { Command } from 'commander';
import type { MakeApp } from '../../authoring/dev/dev.house.js';
import type { Print } from '../print.js';

export function addDevCommand(plugin: Command, print: Print, makeApp: MakeApp): void {
  plugin
    .command('dev [folder]')
    .description('a platform of your own with this plugin and a page to try it on, which follows what you save')
    .action(async (folder: string | undefined) => {
      const { openDevHouse } = await import('../../authoring/dev/dev.house.js');
      const house = await openDevHouse(folder ?? '.', makeApp, print);
      print(`Open ${house.url}`);
      print('Ctrl+C ends it.');
      const stop = () => void house.close();
      process.once('SIGINT', stop).once('SIGTERM', stop);
    });
}
