import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { Permission } from '../role.js';

/** A credential for programs: what its owner may do, or a part of it. */
export const ApiKey = defineEntity({
  name: 'ApiKey',
  tableName: 'api_key',
  properties: {
    id: p.uuid().primary(),
    userId: p.uuid(),
    name: p.string(),
    /** SHA-256 of the key, in hexadecimal; unique. */
    hash: p.string(),
    /** The first characters, to tell keys apart. */
    hint: p.string(),
    scopes: p.json<Permission[]>(),
    createdAt: p.datetime(),
    expiresAt: p.datetime().nullable(),
    usedAt: p.datetime().nullable(),
    revokedAt: p.datetime().nullable(),
  },
});

export type ApiKey = InferEntity<typeof ApiKey>;
