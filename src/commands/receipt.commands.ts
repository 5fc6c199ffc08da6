import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { loadConfig } from '../config/config.load.js';
import { OutboundModule } from '../outbound/outbound.module.js';
import { SandboxModule } from '../sandbox/sandbox.module.js';
import { receiptSchema, type Receipt, signedReceiptSchema } from '../tasks/receipts/receipt.document.js';
import { isSigned, type PublicKey, publicKeysSchema, ReceiptKey } from '../tasks/receipts/receipt.key.js';
import { isRepeatable } from '../tasks/sources/built-in.js';
import { TaskStore } from '../tasks/task.store.js';
import { ToolsModule } from '../tools/tools.module.js';
import { Replay } from '../worker/replay.js';
import { comparison } from './comparison.js';
import { inHouse } from './house.js';
import type { Print } from './print.js';

/** What proves how a result was made. */
export function addReceiptCommands(program: Command, print: Print): void {
  program
    .command('receipt')
    .description('receipts of tasks, as GET /api/v1/tasks/:id/receipt gives them')
    .command('verify <receipt> [files...]')
    .description(
      'prove that a receipt is genuine, and that these files are inputs or outputs in it; exit code 1 if not',
    )
    .option('--keys <file>', 'public keys, as /api/v1/receipts/keys gives them; without, those of this installation')
    .action((receipt: string, files: string[], { keys }: { keys?: string }) => verify(receipt, files, keys, print));

  program
    .command('replay <task>')
    .description(
      'run a finished task again, here, and compare what it makes; exit code 1 if it differs. Changes nothing',
    )
    .action((id: string) => replay(id, print));
}

async function verify(path: string, files: readonly string[], keysPath: string | undefined, print: Print) {
  const document = await read(path, z.looseObject({ receipt: z.unknown(), signature: z.unknown() }), 'receipt');
  const { signature } = signedReceiptSchema.pick({ signature: true }).parse(document);
  if (!isSigned(document.receipt, signature, await keysFrom(keysPath)))
    throw new Error('The receipt is not genuine: it was changed, or signed with another key.');
  const receipt = receiptSchema.parse(document.receipt);
  for (const file of files) print(`${file}: ${await partOf(receipt, file)}`);
  const { name, version, content_sha256: content } = receipt.tool;
  print(`The receipt is genuine: task ${receipt.task_id}, ${receipt.status}, by ${name}@${version}`);
  if (content) print(`Content of the plugin: ${content}`);
}

async function keysFrom(path: string | undefined): Promise<readonly PublicKey[]> {
  if (path === undefined) return [new ReceiptKey(loadConfig()).public];
  return (await read(path, publicKeysSchema, 'set of keys')).keys;
}

/** What the file is in the receipt. @throws when it is nothing there */
async function partOf({ inputs, outputs }: Receipt, path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  const sha256 = hash.digest('hex');
  const output = outputs.find((file) => file.sha256 === sha256);
  if (output) return `output ${output.name}`;
  const input = inputs.find((file) => file.sha256 === sha256);
  if (input) return `input ${input.name}`;
  throw new Error(`${path} is neither an input nor an output in this receipt.`);
}

async function read<Schema extends z.ZodType>(path: string, schema: Schema, what: string): Promise<z.output<Schema>> {
  const text = await readFile(path, 'utf8');
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`${path} is not a ${what}.`, { cause });
  }
}

async function replay(id: string, print: Print): Promise<void> {
  const { lines, isSame } = await inHouse(
    async (house) => {
      const task = z.uuid().safeParse(id).success ? await house.get(TaskStore).find(id) : undefined;
      if (!task) throw new Error(`There is no task ${id}.`);
      if (task.status !== 'completed' && task.status !== 'failed')
        throw new Error(`The task is ${task.status}: there is nothing to compare with.`);
      if (task.purgedAt) throw new Error('The task has expired: nobody knows its options any more.');
      if (!isRepeatable(task))
        throw new Error('The URLs that the task fetched, or its passwords, are not kept: it cannot be run again.');
      return comparison(task, await house.get(Replay).run(task));
    },
    [OutboundModule, SandboxModule, ToolsModule.forRoot(false)],
    [Replay],
  );
  lines.forEach(print);
  if (!isSame) throw new Error('The task made something else this time.');
  print('The same came of it.');
}
