/**
 * What runs inside a child: `node <restrictions> child.js <plugin directory> <own directory> [program …]`, with a pipe to the parent
 * as file descriptor 3. It knows the SDK and one plugin, and nothing of the platform.
 */
import { registerHooks } from 'node:module';
import { Socket } from 'node:net';
import { Channel } from './channel.js';
import { describeTools } from './child.describe.js';
import { ChildRun } from './child.run.js';
import { readYaml } from './child.yaml.js';
import { type ChildMessage, isParentMessage, type ParentMessage } from './messages.js';

const PIPE = 3;
const SDK = new URL('../sdk/index.js', import.meta.url).href;

const [directory = '', home = '', ...exec] = process.argv.slice(2);
let current: ChildRun | undefined;
let currentId = 0;

const socket = new Socket({ fd: PIPE });
const channel = new Channel(
  socket,
  (message) => isParentMessage(message) && receive(message),
  () => process.exit(1),
);
// Without a parent there is nothing to do, and nobody who would end this process.
socket.on('close', () => process.exit(0));

// Bubblewrap sets it, and it is wrong as soon as a run begins.
delete process.env['PWD'];
resolveSdk();
forbidSignals();
process.on('uncaughtException', crash);
process.on('unhandledRejection', crash);
const activitiesAtStart = activities();
send({ type: 'ready' });

/** Timers, sockets, programs and the like that keep this process busy. Pipes do not count: one opens with the first word printed. */
function activities(): number {
  return process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap').length;
}

function isTidy(): boolean {
  return activities() <= activitiesAtStart;
}

function send(message: ChildMessage): void {
  channel.send(message);
}

function receive(message: ParentMessage): void {
  switch (message.type) {
    case 'describe':
      void describeTools(directory, message.tools).then((description) => send({ type: 'described', description }));
      return;
    case 'yaml':
      void readYaml(directory, message.file).then((file) => send({ type: 'yaml', file }));
      return;
    case 'run':
      void run(message);
      return;
    case 'rest':
      send({ type: 'rested', tidy: isTidy() });
      return;
    case 'abort':
      if (message.run === currentId) current?.abort();
      return;
    default:
      message satisfies never;
  }
}

async function run({ run: id, request }: ParentMessage & { type: 'run' }): Promise<void> {
  currentId = id;
  current = new ChildRun(id, { directory, exec }, request, send, isTidy);
  enter(request.workspace);
  await current.perform();
  current = undefined;
  enter(home);
}

/** Relative paths, and whatever asks the system for a place for temporary files, end up in the workspace. */
function enter(path: string): void {
  process.chdir(path);
  Object.assign(process.env, { TMPDIR: path, HOME: path });
}

/** During a run it is the run that failed. At other times only the process is lost, and the parent starts another. */
function crash(error: unknown): void {
  if (current) current.crash(error);
  else process.exit(1);
}

/** Plugins anywhere on the disk get the one BaseTool and ToolError that this process knows. */
function resolveSdk(): void {
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'toolyard/sdk' ? { url: SDK, format: 'module', shortCircuit: true } : next(specifier, context),
  });
}

/** Node's permissions do not cover signals: without this a tool could end its parent, or open its debugger. */
function forbidSignals(): void {
  for (const name of ['kill', '_kill', '_debugProcess']) {
    Object.defineProperty(process, name, {
      value: () => {
        throw new Error('A tool may not send signals.');
      },
    });
  }
}
