import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type AuditEventDocument, auditEventSchema } from '../../src/auth/audit/audit.document.js';
import { linkSchema } from '../../src/files/file.links.js';
import { pageSchema } from '../../src/http/page.js';
import { until } from '../conditions.js';
import { type Platform, startPlatform } from '../platform.js';
import { createTask, finishedTask, upload } from './client.js';
import { problemOf } from './problem.js';

const execute = promisify(execFile);
const listSchema = pageSchema(auditEventSchema);

describe('the audit log', () => {
  let platform: Platform;

  beforeAll(async () => {
    platform = await startPlatform();
  });
  afterAll(() => platform[Symbol.asyncDispose]());

  const list = async (query = ''): Promise<z.output<typeof listSchema>> => {
    const response = await platform.get(`/api/v1/audit${query}`);
    expect(response.status).toBe(200);
    return listSchema.parse(await response.json());
  };
  /** The events of an object, when there are so many: what nobody waits for comes a moment later. */
  const eventsOf = (object: string, count: number): Promise<AuditEventDocument[]> =>
    until(
      async () => {
        const { data } = await list(`?object=${object}`);
        return data.length === count ? data : undefined;
      },
      { timeoutMs: 5_000, describe: `${count} events of ${object}` },
    );
  const verify = async (...more: string[]): Promise<{ code: number; output: string }> => {
    const cli = join(import.meta.dirname, '..', '..', 'dist', 'cli.js');
    const env = { PATH: process.env['PATH'] ?? '', DATA_DIR: platform.dataDir };
    try {
      const { stdout } = await execute(process.execPath, [cli, 'audit', 'verify', ...more], { env });
      return { code: 0, output: stdout };
    } catch (error) {
      const { code, stderr } = z.object({ code: z.number(), stderr: z.string() }).parse(error);
      return { code, output: stderr };
    }
  };

  it('tells of links, downloads and removals: who, what, from where', async () => {
    const { file_id } = await upload(platform, 'Grüße.txt', 'hello');
    const made = await platform.postJson(`/api/v1/files/${file_id}/link`, {});
    const { url, expires_at } = linkSchema.parse(await made.json());
    await platform.get(`/api/v1/files/${file_id}/content`, { headers: { 'x-request-id': 'mine' } });
    await platform.as().get(url, { headers: { range: 'bytes=1-2' } });
    await platform.get(`/api/v1/files/${file_id}/content`, { method: 'HEAD' });
    await platform.get(`/api/v1/files/${file_id}`, { method: 'DELETE' });

    const events = await eventsOf(`file:${file_id}`, 4);

    expect(events).toMatchObject([
      { action: 'remove', actor_id: expect.any(String), details: { name: 'Grüße.txt' } },
      { action: 'download', actor_id: null, details: { by: 'link', start: 1, end: 2 } },
      { action: 'download', actor_id: expect.any(String), address: '127.0.0.1', request_id: 'mine', outcome: 'ok' },
      { action: 'link_create', actor_id: expect.any(String), details: { expires_at } },
    ]);
    expect(JSON.stringify(events)).not.toContain('signature');
  });

  it('tells of results that were downloaded', async () => {
    const { task_id } = await createTask(platform, 'echo', { options: { message: 'hello' } });
    await finishedTask(platform, task_id);
    await platform.get(`/api/v1/tasks/${task_id}/result`);

    await expect(eventsOf(`task:${task_id}`, 1)).resolves.toMatchObject([
      { action: 'download', actor_id: expect.any(String) },
    ]);
  });

  it('tells when somebody shares, before the answer', async () => {
    const { file_id } = await upload(platform, 'a.txt', 'hello');

    const shared = await platform.postJson(`/api/v1/files/${file_id}/shares`, { role: 'viewer' });
    const { data } = await list(`?object=file:${file_id}`);

    expect(shared.status).toBe(201);
    expect(data).toMatchObject([{ action: 'share', details: { role: 'viewer' } }]);
    for (const body of [{}, { role: 'king' }, { role: 'viewer', user_id: file_id }, { role: 'viewer', id: 'x' }])
      expect((await platform.postJson(`/api/v1/files/${file_id}/shares`, body)).status).toBe(400);
    const nobody = await platform.postJson(`/api/v1/files/${file_id}/shares`, { user_id: file_id });
    expect(await problemOf(nobody)).toMatchObject({ status: 404, error: { code: 'user_not_found' } });
  });

  it('tells when an admin looks at what is not theirs', async () => {
    const { file_id } = await upload(platform, 'a.txt', 'hello');
    using database = new DatabaseSync(join(platform.dataDir, 'toolyard.sqlite'), { timeout: 5_000 });
    database.prepare(`update file set owner = 'somebody' where id = ?`).run(file_id);

    const read = await platform.get(`/api/v1/files/${file_id}`, { headers: { 'x-request-id': 'a-look' } });
    const removed = await platform.get(`/api/v1/files/${file_id}`, { method: 'DELETE' });
    const listed = await platform.get('/api/v1/files?owner=somebody');

    expect(read.status).toBe(200);
    expect(await problemOf(removed)).toMatchObject({ status: 403, error: { code: 'not_allowed' } });
    expect(await listed.json()).toMatchObject({ data: [{ file_id }] });
    await expect(eventsOf(`file:${file_id}`, 1)).resolves.toMatchObject([
      {
        action: 'admin_read',
        actor_id: expect.any(String),
        address: '127.0.0.1',
        request_id: 'a-look',
        details: { owner: 'somebody' },
      },
    ]);
    expect((await list('?action=admin_read&object=file:*')).data).toMatchObject([
      { address: '127.0.0.1', request_id: listed.headers.get('x-request-id') },
    ]);
  });

  it('is listed page by page', async () => {
    const { data } = await list('?limit=200');
    const first = await list('?limit=2');
    const second = await list(`?limit=2&cursor=${first.page.next_cursor}`);

    expect([...first.data, ...second.data]).toEqual(data.slice(0, 4));
    expect(data.map(({ seq }) => seq)).toEqual(Array.from(data, (_, index) => data.length - index));
    for (const query of ['?action=nothing', '?since=yesterday', '?limit=0', '?cursor=x', '?actor='])
      expect((await platform.get(`/api/v1/audit${query}`)).status).toBe(400);
  });

  it('has what was told just before the end of the process', async () => {
    const { file_id } = await upload(platform, 'last.txt', 'hello');
    const response = platform.get(`/api/v1/files/${file_id}/content`);
    expect((await response).status).toBe(200);

    await platform.process('all').stop();
    await platform.process('all').start();

    await expect(eventsOf(`file:${file_id}`, 1)).resolves.toMatchObject([{ action: 'download' }]);
  });

  it('is verified from the command line, while the server runs', async () => {
    const good = await verify();
    const [, head = ''] = /^Head: (\d+:[0-9a-f]{64})$/m.exec(good.output) ?? [];

    expect(good).toMatchObject({ code: 0, output: expect.stringMatching(/^The audit log is intact: \d+ events\.$/m) });
    await expect(verify('--expect-head', head)).resolves.toMatchObject({ code: 0 });
    await expect(verify('--expect-head', `1:${'0'.repeat(64)}`)).resolves.toMatchObject({ code: 1 });
    await expect(verify('--expect-head', `999999:${'0'.repeat(64)}`)).resolves.toMatchObject({
      code: 1,
      output: expect.stringContaining('the log ends before row 999999'),
    });
    await expect(verify('--expect-head', 'nonsense')).resolves.toMatchObject({ code: 1 });
  });

  it('is found broken when somebody who owns the database has changed it', async () => {
    using database = new DatabaseSync(join(platform.dataDir, 'toolyard.sqlite'), { timeout: 5_000 });
    database.exec('drop trigger audit_event_no_update');
    database.exec(`update audit_event set actor_id = 'somebody else' where seq = 2`);

    await expect(verify()).resolves.toMatchObject({ code: 1, output: expect.stringContaining('row 2 does not fit') });
  });
});
