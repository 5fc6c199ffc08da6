import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { Toolyard } from '../../client/index.js';
import { clientEnvironment } from '../../config/client.environment.js';

const loginSchema = z.object({ url: z.url(), key: z.string() });

export type Login = z.output<typeof loginSchema>;

/** The server of the environment, or of the last `toolyard login`. @throws Error when there is neither */
export async function connect(): Promise<Toolyard> {
  const { url, key, loginFile } = clientEnvironment();
  if (url !== undefined && key !== undefined) return new Toolyard({ url, key });
  const stored = await readLogin(loginFile);
  if (!stored) throw new Error('Log in first: toolyard login https://tools.example.org');
  // A key is for the server that it is of, and for no other.
  if (url !== undefined && url !== stored.url) throw new Error(`You are not logged in at ${url}.`);
  return new Toolyard({ url: stored.url, key: key ?? stored.key });
}

/** For nobody but the user to read. Answers where. */
export async function storeLogin(login: Login): Promise<string> {
  const { loginFile } = clientEnvironment();
  await mkdir(dirname(loginFile), { recursive: true, mode: 0o700 });
  const draft = `${loginFile}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(login, null, 2)}\n`, { mode: 0o600 });
  await chmod(draft, 0o600);
  await rename(draft, loginFile);
  return loginFile;
}

async function readLogin(path: string): Promise<Login | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return loginSchema.parse(JSON.parse(text));
  } catch {
    throw new Error(`${path} cannot be read. Log in again.`);
  }
}
