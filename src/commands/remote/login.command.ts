import { hostname } from 'node:os';
import type { Command } from 'commander';
import { api, Toolyard } from '../../client/index.js';
import { readSecret } from '../password.input.js';
import type { Print } from '../print.js';
import { UsageError } from './exit.codes.js';
import { storeLogin } from './stored.login.js';

export function addLoginCommand(program: Command, print: Print): void {
  program
    .command('login')
    .argument('[url]', 'the server', 'http://127.0.0.1:8080')
    .description(
      'remember a server and an API key; the key, or the password, is asked for or read from the standard input',
    )
    .option('--email <email>', 'log in with a password, and make a key of it')
    .action(async (url: string, { email }: { email?: string }) => {
      if (!URL.canParse(url)) throw new UsageError(`${url} is no address. It looks like https://tools.example.org`);
      const secret = await readSecret(email === undefined ? 'API key: ' : 'Password: ');
      const key = email === undefined ? secret : await makeKey(url, email, secret);
      const tools = await new Toolyard({ url, key }).tools();
      const path = await storeLogin({ url, key });
      print(`Logged in at ${url}, which has ${tools.length} tools. The key is in ${path}.`);
    });
}

/** A key can be revoked by itself, lives longer than a session, and may do no more than tasks need. */
async function makeKey(url: string, email: string, password: string): Promise<string> {
  const stranger = new Toolyard({ url }).client;
  const { data } = await api.loginLogin({ client: stranger, throwOnError: true, body: { email, password } });
  const { client } = new Toolyard({ url, key: data.access_token ?? '' });
  const made = await api.keysCreate({ client, throwOnError: true, body: { name: `toolyard on ${hostname()}` } });
  await api.sessionsLogout({ client, throwOnError: true }).catch(() => {});
  return made.data.key;
}
