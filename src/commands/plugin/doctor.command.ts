import type { Command } from 'commander';
import type { Print } from '../print.js';

export function addDoctorCommand(plugin: Command, print: Print): void {
  plugin
    .command('doctor')
    .description('tell what this machine has and lacks for tools; exit code 1 when something essential is missing')
    .option('--json', 'one JSON document')
    .action(async ({ json }: { json?: true }) => {
      const { examine } = await import('../../authoring/doctor.js');
      const { doctorLines, isFit } = await import('../../authoring/doctor.report.js');
      const checks = await examine();
      if (json) print(JSON.stringify({ fit: isFit(checks), checks }, null, 2));
      else doctorLines(checks).forEach(print);
      if (!isFit(checks)) process.exitCode = 1;
    });
}
