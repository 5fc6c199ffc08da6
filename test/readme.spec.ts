import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { taskSchema } from '../src/tasks/task.document.js';
import { until } from './conditions.js';
import { createTask, download, finishedTask, upload } from './flows/client.js';
import { startRemote } from './outbound/remote.server.js';
import { type Platform, startPlatform } from './platform.js';
import { bearer } from './visitor.js';
import { verified } from './flows/webhook.receiver.js';
import { PluginFolders } from './tools/plugin.folders.js';

const execute = promisify(execFile);
const root = new URL('../', import.meta.url);
const CLI = fileURLToPath(new URL('dist/cli.js', root));
const page = readFileSync(new URL('README.md', root), 'utf8');

/** The code of a chapter in one language, block by block. */
const codeOf = (chapter: string, language: string): string[] => {
  const text = page.split(/^## /m).find((part) => part.startsWith(chapter)) ?? '';
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, code]) => code ?? '');
};

/** `my-plugins/letters/package.json` and the like: the files of which the chapter speaks, in its order. */
const filesOf = (chapter: string): string[] => {
  const text = page.split(/^## /m).find((part) => part.startsWith(chapter)) ?? '';
  return [...text.matchAll(/`my-plugins\/letters\/([\w.-]+)`/g)].map(([, name]) => name ?? '');
};

describe('README.md', () => {
  it('leads to files that exist', () => {
    const links = [...page.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path ?? '');

    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
  });

  it('names commands that exist', () => {
    const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
    const commands = [...page.matchAll(/npm (?:run )?(start|test|check|bench|\w+:\w+)/g)].map(([, name]) => name ?? '');

    expect(commands.filter((name) => !(name in scripts))).toEqual([]);
    expect(new Set(commands)).toEqual(new Set(['start', 'test', 'check', 'bench']));
  });

  describe('has a tool in 30 lines, which', () => {
    const chapter = 'A tool in 30 lines';
    const [manifest = '', source = ''] = [...codeOf(chapter, 'json'), ...codeOf(chapter, 'ts')];

    it('has no more than 30 lines', () => {
      const lines = source.split('\n').filter((line) => line.trim() !== '');

      expect(lines.length).toBeGreaterThan(10);
      expect(lines.length).toBeLessThanOrEqual(30);
    });

    it('works as it stands there', async () => {
      await using folders = await PluginFolders.make();
      const [manifestFile = '', sourceFile = ''] = filesOf(chapter);
      await folders.files('letters', { [manifestFile]: manifest, [sourceFile]: source });
      await using platform = await startPlatform({ env: { PLUGINS_DIR: folders.path } });
      const change = async (to: string, bytes: string): Promise<string> => {
        const { task_id } = await createTask(platform, 'letter-case', {
          options: { to },
          files: [{ name: 'a.txt', bytes }],
        });
        const { outputs, error } = await finishedTask(platform, task_id);
        expect({ names: outputs.map(({ name }) => name), error }).toEqual({ names: ['a.txt'], error: null });
        return String(await download(platform, outputs[0]?.file_id ?? ''));
      };

      await expect(change('upper', 'Hello, Wörld\n')).resolves.toBe('HELLO, WÖRLD\n');
      await expect(change('lower', 'Hello, Wörld\n')).resolves.toBe('hello, wörld\n');
    });
  });
});

const hasCurl = (() => {
  try {
    return execFileSync('curl', ['--version']).length > 0;
  } catch {
    return false;
  }
})();
const standIn = `curl() { '${process.execPath}' '${join(import.meta.dirname, 'fixtures', 'curl.ts')}' "$@"; }`;
const CLIENTS = [...(hasCurl ? [['curl', 'curl() { command curl -sS "$@"; }']] : []), ['a stand-in for curl', standIn]];

describe.each(CLIENTS)('the walk through README.md with %s', (_, client) => {
  const [, account = ''] = codeOf('Run it', 'sh');
  const [subscribe = ''] = codeOf('Be told', 'sh');
  const [wait = '', watch = ''] = codeOf('Wait for it, or watch it', 'sh');
  const [convert = '', follow = '', reuse = '', share = ''] = codeOf('Shrink a photograph', 'sh');
  let platform: Platform;
  let directory: string;
  let photo: Buffer;
  let key: string;

  beforeAll(async () => {
    platform = await startPlatform({ env: { ADMIN_EMAIL: '', ADMIN_PASSWORD: '', OUTBOUND_ALLOW: 'localhost' } });
    key = await makeKey(`${account}\necho $KEY`);
    photo = await sharp({ create: { width: 800, height: 600, channels: 3, background: '#a52' } })
      .jpeg()
      .toBuffer();
  });
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'toolyard-readme-'));
    await writeFile(join(directory, 'photo.jpg'), photo);
  });
  afterEach(() => rm(directory, { recursive: true }));
  afterAll(() => platform[Symbol.asyncDispose]());

  /** The key that the page makes, beside the running server. */
  const makeKey = async (lines: string): Promise<string> => {
    const env = { ...process.env, DATA_DIR: platform.dataDir };
    const running = execute('sh', ['-euc', lines], { cwd: fileURLToPath(root), env });
    running.child.stdin?.end('a password for the page\n');
    return (await running).stdout.trim().split('\n').at(-1) ?? '';
  };

  const here = (lines: string): string => lines.replaceAll('http://127.0.0.1:8080', platform.url);

  /** Runs lines of the page in a shell, as somebody who copies them; answers what they print. */
  const shell = async (lines: string): Promise<string> => {
    const commands = here(lines).replaceAll('npm run -s toolyard --', `'${process.execPath}' '${CLI}'`);
    const env = { ...process.env, HOME: directory, XDG_CONFIG_HOME: '' };
    return (await execute('sh', ['-euc', `${client}\nKEY=${key}\n${commands}`], { cwd: directory, env })).stdout;
  };

  it('shrinks a photograph', async () => {
    const { task_id } = z.object({ task_id: z.string() }).parse(JSON.parse(await shell(convert)));
    const lines = follow.replace('TASK=…', `TASK=${task_id}`).split('\n');
    const ask = lines.filter((line) => !line.includes('/result')).join('\n');

    const completed = async () => JSON.parse(await shell(ask)).status === 'completed';
    await until(completed, { timeoutMs: 15_000, describe: 'the task is completed' });
    await shell(lines.filter((line) => !line.includes('/tasks/$TASK ') && !line.endsWith('/tasks/$TASK')).join('\n'));

    const result = await readFile(join(directory, 'photo.webp'));
    await expect(sharp(result).metadata()).resolves.toMatchObject({ format: 'webp', width: 320 });
  });

  it('is told of the end of a task', async () => {
    await using receiver = await startRemote((_, response) => void response.writeHead(204).end());
    const [makeHooks = '', ...lines] = subscribe.split('\n');
    const hooks = await makeKey(`${makeHooks}\necho $HOOKS`);
    const answer = await shell(
      `HOOKS=${hooks}\n${lines.join('\n').replace('https://example.org/hook', receiver.named)}`,
    );
    const { secret } = z.object({ secret: z.string() }).parse(JSON.parse(answer));

    const { task_id } = await createTask(platform.as(bearer(key)), 'echo');

    const [got] = await until(() => (receiver.received.length > 0 ? receiver.received : undefined), {
      timeoutMs: 15_000,
      describe: 'it is told',
    });
    if (!got) throw new Error('Nothing came.');
    expect(verified(got, secret)).toMatchObject({ type: 'task.completed', data: { task_id } });
  });

  it('waits for a task, and then watches it', async () => {
    const task = taskSchema.parse(JSON.parse(await shell(wait)));

    const told = await shell(watch.replace('TASK=…', `TASK=${task.task_id}`));

    expect(task).toMatchObject({ status: 'completed', data: { message: 'hello' } });
    const [, result = ''] = /^event: result\ndata: (.*)$/m.exec(told) ?? [];
    expect(told).toContain('event: status');
    expect(JSON.parse(result)).toEqual(task);
    expect(told.trimEnd().endsWith('{"data":[]}')).toBe(true);
  });

  it('knows before, runs again, and proves', async () => {
    const [plan = '', again = '', prove = ''] = codeOf('Know before, run again, prove', 'sh');
    const data = z.object({ data: z.array(z.object({ file_id: z.string() })) });
    const uploaded = data.parse(JSON.parse(await shell(reuse.split('\n')[0] ?? '')));
    const ask = plan.replace('FILE=…', `FILE=${uploaded.data[0]?.file_id}`);
    const before = JSON.parse(await shell(ask));
    const task = await finishedTask(platform.as(bearer(key)), JSON.parse(await shell(convert)).task_id);
    await writeFile(
      join(directory, 'photo.webp'),
      await download(platform.as(bearer(key)), task.outputs[0]?.file_id ?? ''),
    );
    const after = JSON.parse(await shell(ask));

    expect(before).toMatchObject({ accepted: true, refusals: [] });
    expect(after).toMatchObject({ accepted: true, cached: true, estimate: { run_seconds: { p50: 0 } } });

    const [retried = '', cleared = ''] = (await shell(`TASK=${task.task_id}\n${again}`)).split(/(?<=\})(?=\{)/);
    expect(JSON.parse(retried)).toMatchObject({ cache_hit: true, retry_of: task.task_id });
    expect(JSON.parse(cleared)).toEqual({ count: 0, has_more: false });
    expect(await readFile(join(directory, 'tasks.csv'), 'utf8')).toContain(task.task_id);

    const cli = `DATA_DIR='${platform.dataDir}' '${process.execPath}' '${fileURLToPath(new URL('dist/cli.js', root))}'`;
    const proof = await shell(`TASK=${task.task_id}\n${prove.replaceAll('npm run -s toolyard --', cli)}`);
    expect(proof).toContain(`The receipt is genuine: task ${task.task_id}`);
    expect(proof).toContain('The same came of it.');
  });

  it('hashes a file that was uploaded before', async () => {
    const [upload = '', ...process] = reuse.split('\n');
    const uploaded = z
      .object({ data: z.array(z.object({ file_id: z.string() })) })
      .parse(JSON.parse(await shell(upload)));

    const created = JSON.parse(await shell(process.join('\n').replace('…', uploaded.data[0]?.file_id ?? '')));
    const task = await finishedTask(platform.as(bearer(key)), created.task_id);

    const sha256 = createHash('sha256').update(photo).digest('hex');
    expect(JSON.stringify(task.data)).toContain(sha256);
  });

  it('shares a file, and makes a link to it', async () => {
    const file = await upload(platform.as(bearer(key)), 'photo.jpg', photo);
    const [choose = '', give = '', link = ''] = share.replace('FILE=…', `FILE=${file.file_id}`).split(/\n(?=curl)/);

    expect(JSON.parse(await shell(`${choose}\n${give}`))).toMatchObject({ role: 'viewer' });
    const { url } = JSON.parse(await shell(`${choose}\n${link}`));

    expect((await platform.as().get(url)).headers.get('content-length')).toBe(String(photo.length));
  });

  it('does the same from the command line', async () => {
    const [commands = ''] = codeOf('From the command line', 'sh');

    const out = await shell(commands);

    await expect(sharp(await readFile(join(directory, 'small.webp'))).metadata()).resolves.toMatchObject({
      width: 320,
    });
    expect(out).toContain('"event":"completed"');
    expect(out).toMatch(/completed +image-convert +photo\.jpg/);
  });

  it('does the same from code', async () => {
    const [code = ''] = codeOf('From code', 'js');
    await mkdir(join(directory, 'node_modules'));
    await symlink(fileURLToPath(root), join(directory, 'node_modules', 'toolyard'));
    await writeFile(join(directory, 'run.mjs'), here(code));

    const { stdout } = await execute(process.execPath, ['run.mjs'], {
      cwd: directory,
      env: { ...process.env, KEY: key },
    });

    await expect(sharp(await readFile(join(directory, 'photo.webp'))).metadata()).resolves.toMatchObject({
      width: 320,
    });
    expect(stdout).toContain('uploading 0\n');
  });

  it('lets language models in', async () => {
    const [settings = ''] = codeOf('For language models', 'json');
    const [call = ''] = codeOf('For language models', 'sh');
    const { url, headers } = JSON.parse(here(settings).replace('KEY', key)).mcpServers.toolyard;
    const model = new Client({ name: 'test', version: '1' });
    await model.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));

    expect((await model.listTools()).tools.map(({ name }) => name)).toContain('image-convert');
    expect(await shell(call)).toContain(createHash('sha256').update('hello').digest('hex'));
    await model.close();
  });
});
