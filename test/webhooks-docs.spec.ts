import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { until } from './conditions.js';
import { freePort } from './servers/free-port.js';
import { MOST_ATTEMPTS } from '../src/tasks/webhooks/delivery.retries.js';

const root = new URL('../', import.meta.url);
const page = readFileSync(new URL('docs/webhooks.md', root), 'utf8');
const [, receiver = ''] = /^```js\n(.*?)^```/ms.exec(page) ?? [];
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

describe('docs/webhooks.md', () => {
  it('says how often it is tried', () => {
    expect(MOST_ATTEMPTS).toBe(10);
    expect(page).toContain('It is tried ten times');
  });

  it('has a receiver that takes what is signed, and nothing else', async () => {
    const port = await freePort();
    const env = { ...process.env, PORT: String(port), WEBHOOK_SECRET: SECRET };
    const args = ['--input-type=module', '--eval', receiver];
    const running = execFile(process.execPath, args, { cwd: fileURLToPath(root), env }, () => {});
    let printed = '';
    running.stdout?.on('data', (text: string) => (printed += text));
    const body = JSON.stringify({ type: 'task.completed', data: { task_id: 'mine' } });
    const send = async (signature: string, at: Date) => {
      const headers = {
        'webhook-id': 'evt_mine',
        'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
        'webhook-signature': signature,
      };
      return (await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body })).status;
    };
    const now = new Date();
    try {
      const good = new Webhook(SECRET).sign('evt_mine', now, body);
      await until(() => send(good, now), { timeoutMs: 15_000, describe: 'the receiver answers' });

      await expect(send(good, now)).resolves.toBe(204);
      await expect(send(good.replace('v1,', 'v1,A'), now)).resolves.toBe(400);
      await expect(send(good, new Date(now.getTime() - 3_600_000))).resolves.toBe(400);
      await until(() => printed.includes('task.completed mine'), { describe: 'it says what it has heard' });
    } finally {
      running.kill('SIGKILL');
    }
  });
});
