import { randomUUIDv7 } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Problem } from '../../errors/problem.js';
import type { Actor } from '../actor.js';
import { AuditLog } from '../audit/audit.log.js';
import { placeOf } from '../audit/audit.source.js';
import { notAuthenticated } from '../credentials.js';
import { RecentActors } from '../recent.actors.js';
import { type Permission, ROLE_PERMISSIONS, type Role } from '../role.js';
import { actorFor } from '../users/user.actor.js';
import { UserStore } from '../users/user.store.js';
import type { Visit } from '../visit.js';
import type { ApiKey } from './api-key.entity.js';
import { apiKeyHash, apiKeyHint, isApiKey, newApiKey } from './api-key.format.js';
import { ApiKeyStore, isKeyUsable } from './api-key.store.js';

/** What a key has when nobody says what it shall have: the work, and nothing that makes or changes credentials. */
const USUAL_SCOPES: readonly Permission[] = ['tools:read', 'files:read', 'files:write', 'tasks:read', 'tasks:write'];

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export interface NewKey {
  readonly name: string;
  /** Undefined: those that are usual, as far as the maker has them. */
  readonly scopes?: readonly Permission[] | undefined;
  readonly expiresAt: Date | null;
}

/** API keys: shown once, kept as hashes, never worth more than their owners. */
@Injectable()
export class ApiKeys {
  constructor(
    private readonly store: ApiKeyStore,
    private readonly users: UserStore,
    private readonly recent: RecentActors,
    private readonly audit: AuditLog,
  ) {}

  /** Who shows this key. @throws Problem `not_authenticated` */
  async authenticate(key: string): Promise<Actor> {
    const hash = apiKeyHash(key);
    const actor = await this.recent.find(hash, async () => (isApiKey(key) ? this.lookUp(hash) : undefined));
    if (!actor) throw notAuthenticated('The API key is not valid.', 'invalid_token');
    return actor;
  }

  /**
   * A key for the maker, worth no more than the credential by which it is made: when that is a key which expires, this
   * one does so no later.
   *
   * @throws Problem `not_allowed` when it is to have a right that the maker lacks, or to live longer
   */
  async create(maker: Actor, wanted: NewKey, visit: Visit) {
    const expiresAt = await this.endFor(maker, wanted.expiresAt);
    return this.make(maker, { ...wanted, expiresAt }, maker.id, visit);
  }

  /** From the command line, for a user with a role. @throws Problem `not_allowed`, as above */
  createFor({ id, role }: { readonly id: string; readonly role: Role }, wanted: NewKey, visit: Visit) {
    return this.make({ id, permissions: ROLE_PERMISSIONS[role] }, wanted, null, visit);
  }

  list(userId: string, limit: number, after?: string): Promise<ApiKey[]> {
    return this.store.list(userId, limit, after);
  }

  /** @throws Problem `key_not_found` when it is not this user's, or is revoked already */
  async revoke(userId: string, id: string, visit: Visit): Promise<void> {
    await this.take(await this.store.find(userId, id), id, userId, visit);
  }

  /** From the command line, whoever's it is. @throws Problem `key_not_found` */
  async revokeAny(id: string, visit: Visit): Promise<void> {
    const key = UUID.test(id) ? await this.store.findById(id) : undefined;
    await this.take(key, id, null, visit);
  }

  private async endFor({ credential }: Actor, wanted: Date | null): Promise<Date | null> {
    const own = credential.type === 'key' ? await this.store.findById(credential.id) : undefined;
    const latest = own?.expiresAt ?? null;
    if (latest && wanted && wanted > latest)
      throw new Problem('not_allowed', `A key cannot outlive the one that makes it: ${latest.toISOString()}.`);
    return wanted ?? latest;
  }

  /** @param actorId null: the command line */
  private async make(
    maker: Pick<Actor, 'id' | 'permissions'>,
    { name, scopes, expiresAt }: NewKey,
    actorId: string | null,
    visit: Visit,
  ) {
    const lacking = scopes?.filter((scope) => !maker.permissions.has(scope)) ?? [];
    if (lacking.length > 0)
      throw new Problem('not_allowed', `A key cannot have rights that you do not have: ${lacking.join(', ')}.`);
    const key = newApiKey();
    const row: ApiKey = {
      id: randomUUIDv7(),
      userId: maker.id,
      name,
      hash: apiKeyHash(key),
      hint: apiKeyHint(key),
      scopes: [...new Set(scopes ?? USUAL_SCOPES.filter((scope) => maker.permissions.has(scope)))],
      createdAt: new Date(),
      expiresAt,
      usedAt: null,
      revokedAt: null,
    };
    await this.store.insert(row);
    const details = { scopes: row.scopes.join(' ') };
    await this.audit.record({
      action: 'key_create',
      actorId,
      object: `key:${row.id}`,
      details,
      ...placeOf(visit),
    });
    return { key, row };
  }

  private async take(key: ApiKey | undefined, id: string, actorId: string | null, visit: Visit): Promise<void> {
    if (!key || !(await this.store.revoke(id))) throw new Problem('key_not_found', `There is no key ${id}.`);
    this.recent.forget(key.hash);
    await this.audit.record({ action: 'key_revoke', actorId, object: `key:${id}`, ...placeOf(visit) });
  }

  private async lookUp(hash: string): Promise<Actor | undefined> {
    const key = await this.store.findByHash(hash);
    if (!key || !isKeyUsable(key, new Date())) return undefined;
    const user = await this.users.find(key.userId);
    if (!user || user.disabledAt) return undefined;
    this.store.noteUse(key).catch(() => {});
    return actorFor(user, { type: 'key', id: key.id }, key.scopes);
  }
}
