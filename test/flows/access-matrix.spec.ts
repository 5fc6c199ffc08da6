import { globSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PERMISSIONS, type Permission } from '../../src/auth/role.js';
import { type Platform, startPlatform } from '../platform.js';
import { logIn, newKey, newUser, TestUser } from '../users.js';
import { bearer, type Visitor } from '../visitor.js';
import { allOperations, everything, NOBODY_THERE, type Operation, pathTo, quiet } from './access.ground.js';

/** Said once more, so that a change of the table in src/auth/role.ts is a change here, too. */
const MAY: Readonly<Record<Permission, readonly string[]>> = {
  'tools:read': ['viewer', 'user', 'another user', 'analyst', 'admin'],
  'files:read': ['viewer', 'user', 'another user', 'analyst', 'admin'],
  'files:write': ['user', 'another user', 'analyst', 'admin'],
  'tasks:read': ['viewer', 'user', 'another user', 'analyst', 'admin'],
  'tasks:write': ['user', 'another user', 'analyst', 'admin'],
  'webhooks:manage': ['user', 'another user', 'analyst', 'admin'],
  'account:manage': ['viewer', 'user', 'another user', 'analyst', 'admin'],
  'keys:manage': ['user', 'another user', 'analyst', 'admin'],
  'users:manage': ['admin'],
  'others:read': ['admin'],
  'audit:read': ['admin'],
  'plugins:manage': ['admin'],
};

/** Routes that answer anybody. One more is a decision. */
const PUBLIC = [
  'POST /api/v1/auth/login',
  'POST /api/v1/auth/refresh',
  'POST /api/v1/auth/register',
  'POST /api/v1/auth/reset-password',
  'POST /api/v1/auth/reset-password/confirm',
  'POST /api/v1/auth/setup',
  // A public key.
  'GET /api/v1/receipts/keys',
  'POST /api/v1/auth/token',
  // The signature in its query is the credential.
  'GET /api/v1/files/{id}/linked',
].toSorted();

/** Paths below which an object belongs to one user: `user`. */
const OWNED = /^\/api\/v1\/(?:files|tasks|keys|uploads|webhooks|auth\/sessions)\/\{id\}/;

/** What an admin knows of, whoever it belongs to. */
const VISIBLE = /^\/api\/v1\/(?:files|tasks)\//;

/** What an admin may read of others, and nobody but the owner may change. */
const READABLE = /^\/api\/v1\/(?:files\/\{id\}(?:\/content)?|tasks\/\{id\}(?:\/(?:result|events|logs|receipt))?)$/;

const ACTORS = [
  'a stranger',
  'viewer',
  'another user',
  'analyst',
  'admin',
  'a key with too few rights',
  'user',
] as const;
type ActorName = (typeof ACTORS)[number];

/** What would change something, if it were allowed. Without an entry: an empty object. */
const BODIES: Readonly<Record<string, (actor: ActorName) => unknown>> = {
  'PATCH /api/v1/auth/profile': () => ({ name: 'Another name' }),
  'POST /api/v1/users': (actor) => ({ email: `${actor.replaceAll(' ', '-')}@made.test`, role: 'admin' }),
  'PATCH /api/v1/users/{id}': () => ({ role: 'admin' }),
  'POST /api/v1/files/{id}/shares': () => ({ role: 'viewer' }),
  'POST /api/v1/tasks/{id}/shares': () => ({ role: 'viewer' }),
  'POST /api/v1/files/import': () => ({ url: NOBODY_THERE }),
  'POST /api/v1/webhooks': () => ({ url: NOBODY_THERE, events: ['task.cancelled'] }),
  'PATCH /api/v1/webhooks/{id}': () => ({ description: 'another one' }),
  'POST /api/v1/keys': () => ({ name: 'one more', scopes: ['tools:read'] }),
  'POST /mcp': () => ({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  'POST /api/v1/tools/{tool}/process': () => ({ options: { message: 'hello' } }),
  'POST /api/v1/tools/{tool}/plan': () => ({ options: { message: 'hello' } }),
};

/** What is answered to whoever may, where it is no success. To routes that answer anybody nothing useful is sent: 400. */
const ANSWERS: Readonly<Record<string, number>> = {
  // Without a token in the body it is taken from the cookie, and no page of ours sends this.
  'POST /api/v1/auth/refresh': 403,
  'POST /api/v1/auth/change-password': 400,
  'POST /api/v1/tasks/{id}/cancel': 409,
  // The webhook is disabled, so that nothing happens by itself meanwhile.
  'POST /api/v1/webhooks/{id}/deliveries/{task_id}/redeliver': 409,
  // Without a filter they would mean everything.
  'POST /api/v1/tasks/cancel': 400,
  'DELETE /api/v1/tasks': 400,
  'GET /api/v1/receipts/keys': 200,
  // Whoever may send a package sends none here; and what came with Toolyard was not installed.
  'POST /api/v1/plugins': 400,
  'DELETE /api/v1/plugins/{name}': 404,
  // REGISTRATION is off.
  'POST /api/v1/users/invitations': 403,
};

/** Routes that the document does not tell of, each file of them with the reason. */
const UNTOLD: Readonly<Record<string, string>> = {
  'src/health/health.controller.ts': 'probes',
  'src/metrics/metrics.controller.ts': 'for Prometheus',
};

const operations = allOperations();
const nameOf = ({ method, path }: Operation): string => `${method} ${path}`;

let platform: Platform;
let users: Record<'viewer' | 'user' | 'another user' | 'analyst' | 'admin', TestUser>;
let poorKeys: Map<Permission, Visitor>;

beforeAll(async () => {
  platform = await startPlatform({ env: { OUTBOUND_ALLOW: 'localhost' } });
  users = {
    viewer: await newUser(platform, 'viewer'),
    user: await newUser(platform, 'user'),
    'another user': await newUser(platform, 'user'),
    analyst: await newUser(platform, 'analyst'),
    admin: await newUser(platform, 'admin'),
  };
  poorKeys = new Map();
  for (const lacking of PERMISSIONS) {
    const scopes = PERMISSIONS.filter((permission) => permission !== lacking);
    poorKeys.set(lacking, platform.as(bearer(await newKey(users.admin, scopes))));
  }
});
afterAll(() => platform[Symbol.asyncDispose]());

/** The actor, logged in again if the last request was a logout. */
async function actorNamed(name: ActorName, { needs }: Operation): Promise<Visitor> {
  if (name === 'a stranger') return platform.as();
  if (name === 'a key with too few rights') return (needs && poorKeys.get(needs)) ?? platform.as();
  const user = users[name];
  if ((await user.get('/api/v1/auth/profile')).status === 200) return user;
  const { id, email, password } = user;
  users[name] = new TestUser(platform, id, email, password, await logIn(platform, email, password));
  return users[name];
}

async function perform(operation: Operation, actor: ActorName, path: string): Promise<number> {
  const visitor = await actorNamed(actor, operation);
  const response = await visitor.send(operation.method, path, {
    ...contentFor(operation, actor),
    signal: AbortSignal.timeout(20_000),
  });
  await response.body?.cancel();
  return response.status;
}

function contentFor(operation: Operation, actor: ActorName): RequestInit {
  if (operation.path.startsWith('/api/v1/uploads')) return pieceFor(operation);
  if (operation.method === 'GET' || operation.method === 'DELETE') return {};
  if (nameOf(operation) === 'POST /api/v1/files') return { body: Buffer.from('bytes of somebody\n') };
  const body = BODIES[nameOf(operation)]?.(actor) ?? {};
  const accept = operation.path === '/mcp' ? 'application/json, text/event-stream' : '*/*';
  return { body: JSON.stringify(body), headers: { 'content-type': 'application/json', accept } };
}

function pieceFor({ method }: Operation): RequestInit {
  const version = { 'tus-resumable': '1.0.0' };
  if (method !== 'PATCH') return { headers: { ...version, 'upload-length': '4' } };
  const headers = { ...version, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' };
  return { body: 'mine', headers };
}

/** What must be answered; undefined: that it is done. */
function expected(operation: Operation, actor: ActorName): number | undefined {
  const { needs } = operation;
  if (needs === undefined) return ANSWERS[nameOf(operation)] ?? 400;
  if (actor === 'a stranger') return 401;
  if (!MAY[needs].includes(actor)) return 403;
  if (OWNED.test(operation.path) && actor !== 'user') return answerToOthers(operation, actor);
  return ANSWERS[nameOf(operation)];
}

/** What an admin may see of others, but not change, is no secret to an admin. */
function answerToOthers({ method, path }: Operation, actor: ActorName): number | undefined {
  if (actor !== 'admin' || !VISIBLE.test(path)) return 404;
  return method === 'GET' && READABLE.test(path) ? undefined : 403;
}

const isRight = (status: number, wanted: number | undefined): boolean =>
  wanted === undefined ? status < 300 : status === wanted;

describe('every route', () => {
  it('says whom it answers, and few answer anybody', () => {
    expect(operations.length).toBeGreaterThan(30);
    expect(operations.filter(({ needs, isPublic }) => (needs === undefined) !== isPublic).map(nameOf)).toEqual([]);
    expect(
      operations
        .filter(({ isPublic }) => isPublic)
        .map(nameOf)
        .toSorted(),
    ).toEqual(PUBLIC);
  });

  it('is in the document, but for probes and metrics', () => {
    const hidden = globSync('src/**/*.ts').filter((path) =>
      /ApiExclude|excludeEndpoint/i.test(readFileSync(path, 'utf8')),
    );

    expect(hidden.toSorted()).toEqual(Object.keys(UNTOLD));
  });

  it('needs a right that the table knows', () => {
    expect(operations.flatMap(({ needs }) => needs ?? []).filter((needs) => !(needs in MAY))).toEqual([]);
    expect(new Set(Object.keys(MAY))).toEqual(new Set(PERMISSIONS));
  });
});

describe.each(operations.map((operation) => [nameOf(operation), operation] as const))('%s', (_, operation) => {
  it('answers each actor as the table says, and a refusal changes nothing', async () => {
    const path = await pathTo(platform, users.user, operation.path);
    const faults: string[] = [];
    for (const actor of ACTORS) {
      await actorNamed(actor, operation);
      await quiet(platform);
      const before = await everything(platform);
      const status = await perform(operation, actor, path);
      const after = await everything(platform);
      if (!isRight(status, expected(operation, actor))) faults.push(`${actor} is answered ${status}`);
      if (status >= 400 && !isDeepStrictEqual(after, before)) faults.push(`${actor} changes something by a ${status}`);
    }

    expect(faults).toEqual([]);
  });
});

/** What nobody may choose for themselves. */
const FORBIDDEN = [
  'owner_id',
  'owner',
  'id',
  'status',
  'path',
  'attempts',
  'password_hash',
  'is_admin',
  'role',
  '$where',
];
const JSON_OPERATIONS = operations.filter(({ members }) => members !== undefined);

describe.each(JSON_OPERATIONS.map((operation) => [nameOf(operation), operation] as const))(
  'the body of %s',
  (_, operation) => {
    const send = async (body: string): Promise<{ status: number; text: string }> => {
      const path = await pathTo(platform, users.user, operation.path);
      const headers = { 'content-type': 'application/json' };
      const admin = await actorNamed('admin', operation);
      const response = await admin.send(operation.method, path, { body, headers });
      return { status: response.status, text: await response.text() };
    };

    it('has no room for what nobody may choose', async () => {
      for (const member of FORBIDDEN.filter((name) => !operation.members?.includes(name))) {
        const { status, text } = await send(JSON.stringify({ [member]: 'admin' }));

        expect({ member, status, text }).toEqual({
          member,
          status: 400,
          text: expect.stringContaining(`unrecognized_keys`),
        });
      }
    });

    it.each(['{"__proto__":{"role":"admin"}}', '{"constructor":{"prototype":{"role":"admin"}}}'])(
      'cannot reach what objects inherit from: %s',
      async (body) => {
        const { status, text } = await send(body);

        expect({ status, text }).toEqual({ status: 400, text: expect.stringContaining('malformed_json') });
      },
    );
  },
);
