import type { Command } from 'commander';
import type { Task } from '../../client/index.js';
import type { Print } from '../print.js';
import { connect } from './stored.login.js';

const STATUSES = ['pending', 'processing', 'completed', 'failed', 'cancelled'] as const;

interface TaskFilter {
  readonly status?: Task['status'];
  readonly tool?: string;
  readonly tag?: string;
  readonly limit: string;
  readonly json?: true;
}

/** What the server has: its tools, and one's tasks. */
export function addListCommands(program: Command, print: Print): void {
  program
    .command('tools')
    .description('list the tools of the server')
    .option('--json', 'print one JSON document a line')
    .action(async ({ json }: { json?: true }) => {
      for (const tool of await (await connect()).tools()) {
        const note = tool.available ? tool.description : `not available: ${tool.unavailable_reason}`;
        print(json ? JSON.stringify(tool) : `${tool.name.padEnd(24)} ${note}`);
      }
    });

  program
    .command('tasks')
    .description('list your tasks, newest first')
    .option('--status <status>', STATUSES.join(', '))
    .option('--tool <tool>', 'only those of one tool')
    .option('--tag <tag>', 'only those with this tag')
    .option('--limit <number>', 'how many at most', '20')
    .option('--json', 'print one JSON document a line')
    .action(async ({ json, limit, ...filter }: TaskFilter) => {
      const tasks = await (await connect()).tasks({ ...filter, limit: Number(limit) });
      for (const task of tasks) print(json ? JSON.stringify(task) : lineOf(task));
    });
}

function lineOf({ task_id, tool, status, created_at, inputs, error }: Task): string {
  const names = inputs.map(({ name }) => name).join(', ');
  return [task_id, created_at, status.padEnd(10), tool.name, names, error?.message ?? ''].join('  ').trimEnd();
}
