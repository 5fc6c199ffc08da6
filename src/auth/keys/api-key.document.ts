import { z } from 'zod';
import { PERMISSIONS } from '../role.js';
import type { ApiKey } from './api-key.entity.js';

const time = z.iso.datetime().describe('RFC 3339, UTC.');

export const apiKeySchema = z
  .object({
    key_id: z.uuid(),
    name: z.string(),
    hint: z.string().describe('How the key begins.'),
    scopes: z.array(z.enum(PERMISSIONS)).describe('What it may do, as far as its owner may.'),
    created_at: time,
    expires_at: time.nullable(),
    last_used_at: time.nullable().describe('Exact to a minute.'),
    revoked_at: time.nullable(),
  })
  .meta({ id: 'ApiKey' });

export type ApiKeyDocument = z.output<typeof apiKeySchema>;

export function apiKeyDocument(key: ApiKey): ApiKeyDocument {
  return {
    key_id: key.id,
    name: key.name,
    hint: key.hint,
    scopes: [...key.scopes],
    created_at: key.createdAt.toISOString(),
    expires_at: key.expiresAt?.toISOString() ?? null,
    last_used_at: key.usedAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
  };
}
