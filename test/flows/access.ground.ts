import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Permission } from '../../src/auth/role.js';
import { until } from '../conditions.js';
import type { Platform } from '../platform.js';
import { changeRows, queryRows } from '../sqlite.js';
import type { Visitor } from '../visitor.js';
import { createTask, finishedTask, upload } from './client.js';
import { storedFiles } from './traces.js';

/** One operation of the OpenAPI document. */
export interface Operation {
  readonly method: string;
  /** With `{id}`. */
  readonly path: string;
  /** Undefined: everybody may. */
  readonly needs: Permission | undefined;
  readonly isPublic: boolean;
  /** The members of its JSON body, if it has one. */
  readonly members: readonly string[] | undefined;
}

const schemaSchema = z.looseObject({
  $ref: z.string().optional(),
  properties: z.record(z.string(), z.any()).optional(),
});
const operationSchema = z.looseObject({
  'x-permission': z.string().optional(),
  'x-public': z.boolean().optional(),
  requestBody: z.looseObject({ content: z.record(z.string(), z.looseObject({ schema: schemaSchema })) }).optional(),
});
const documentSchema = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.looseObject({ schemas: z.record(z.string(), schemaSchema) }),
});

/** Every operation that the committed document has; another test sees to it that it is the one that is served. */
export function allOperations(): Operation[] {
  const text = readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8');
  const { paths, components } = documentSchema.parse(JSON.parse(text));
  const resolved = (schema: z.output<typeof schemaSchema> | undefined) =>
    schema?.$ref ? components.schemas[schema.$ref.replace('#/components/schemas/', '')] : schema;
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      needs: operation['x-permission'] as Permission | undefined,
      isPublic: operation['x-public'] === true,
      members: membersOf(resolved(operation.requestBody?.content['application/json']?.schema)),
    })),
  );
}

function membersOf(schema: z.output<typeof schemaSchema> | undefined): readonly string[] | undefined {
  return schema && Object.keys(schema.properties ?? {});
}

/** The path of an operation, with the ids of things of one user, made anew. */
export async function pathTo(platform: Platform, owner: Visitor, path: string): Promise<string> {
  const object = path.includes('{') ? await objectOf(platform, owner, path) : '';
  const own = path.replace(/\{\w+\}/, object).replace(/\{task_id\}/, object);
  return own.replace(/\{share_id\}/, await shareOf(platform, owner, own));
}

async function objectOf(platform: Platform, owner: Visitor, path: string): Promise<string> {
  const first = path.split('/')[3];
  if (path.startsWith('/api/v1/auth/sessions/')) return newSession(platform, owner);
  if (first === 'files') return (await upload(withCredentials(platform, owner), 'mine.txt', 'mine\n')).file_id;
  if (first === 'tasks') return finished(platform, owner);
  if (first === 'tools') return 'echo';
  if (first === 'keys') return idIn(await owner.postJson('/api/v1/keys', { name: 'mine' }), 'key_id');
  if (first === 'webhooks') return newDelivery(platform, owner, path);
  if (first === 'users') return newAccount(platform);
  if (first === 'uploads') return newUpload(owner);
  if (first === 'plugins') return encodeURIComponent('@toolyard/file');
  throw new Error(`Say here how somebody comes to own what is meant by ${path}.`);
}

/** A share of the object with somebody who is none of the actors. */
async function shareOf(platform: Platform, owner: Visitor, path: string): Promise<string> {
  const [shares] = /^.*\/shares(?=\/\{)/.exec(path) ?? [];
  if (shares === undefined) return '';
  return idIn(await owner.postJson(shares, { user_id: await newAccount(platform) }), 'share_id');
}

async function finished(platform: Platform, owner: Visitor): Promise<string> {
  const caller = withCredentials(platform, owner);
  const { task_id } = await createTask(caller, 'echo', { options: { message: 'mine' } });
  return (await finishedTask(caller, task_id)).task_id;
}

async function newSession(platform: Platform, owner: Visitor): Promise<string> {
  const { email = '', password = '' } = owner as Partial<{ email: string; password: string }>;
  return idIn(await platform.as().postJson('/api/v1/auth/login', { email, password }), 'session_id');
}

/** Refuses every connection, at once, without a network; for platforms that may go there. */
export const NOBODY_THERE = 'http://localhost:1/';

/** A webhook, and where the path wants it, something that was sent to it under the same id; then it is disabled. */
async function newDelivery(platform: Platform, owner: Visitor, path: string): Promise<string> {
  const made = await owner.postJson('/api/v1/webhooks', { url: NOBODY_THERE, events: ['task.cancelled'] });
  const id = await idIn(made, 'webhook_id');
  if (path.includes('{task_id}')) {
    const columns = 'webhook_id, task_id, owner, event, status, next_attempt_at, created_at, finished_at';
    changeRows(
      platform,
      `insert into webhook_delivery (${columns})
       select id, id, owner, 'task.failed', 'failed', created_at, created_at, created_at from webhook where id = ?`,
      id,
    );
    changeRows(platform, 'update webhook set disabled_at = created_at where id = ?', id);
  }
  return id;
}

async function newUpload(owner: Visitor): Promise<string> {
  const headers = { 'tus-resumable': '1.0.0', 'upload-length': '4' };
  return (await owner.post('/api/v1/uploads', { headers })).headers.get('location')?.split('/').at(-1) ?? '';
}

let accounts = 0;

async function newAccount(platform: Platform): Promise<string> {
  accounts += 1;
  return idIn(
    await platform.postJson('/api/v1/users', { email: `spare-${accounts}@people.test`, role: 'user' }),
    'user_id',
  );
}

function withCredentials(platform: Platform, { credentials }: Visitor): Visitor {
  return platform.as(credentials);
}

async function idIn(response: Response, member: string): Promise<string> {
  const body: unknown = JSON.parse(await response.text());
  return String(z.looseObject({ [member]: z.string() }).parse(body)[member]);
}

/** Tables that may grow by a request that is refused: what is noted of it. And what workers write by themselves. */
const NOTES = /^(?:audit|mikro_orm|sqlite_|worker$|run_time$)/;
/** Columns that say when somebody came by, and change with each visit. Elsewhere the same name says that a link is spent. */
const VISITS: Readonly<Record<string, string>> = { session: 'used_at', api_key: 'used_at' };

/** All rows and all bytes of a platform on SQLite, as one value to compare. */
export async function everything(platform: Platform): Promise<Readonly<Record<string, string>>> {
  const tables = queryRows(platform, `select name from sqlite_master where type = 'table'`)
    .map(({ name }) => (typeof name === 'string' ? name : ''))
    .filter((name) => !NOTES.test(name));
  const rows = tables.map((table): [string, string] => [
    table,
    hash(
      JSON.stringify(queryRows(platform, `select * from ${table}`), (name, value: unknown) =>
        name === VISITS[table] ? undefined : value,
      ),
    ),
  ]);
  const paths = (await storedFiles(platform)).toSorted();
  const bytes = paths.map((path): [string, string] => [path, hash(readFileSync(path))]);
  return Object.fromEntries([...rows, ...bytes]);
}

function hash(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Until no task runs, and so nothing changes by itself. */
export async function quiet(platform: Platform): Promise<void> {
  const running = `select id from task where status in ('pending', 'processing')`;
  await until(() => queryRows(platform, running).length === 0, { timeoutMs: 15_000, describe: 'no task runs' });
}
