import { z } from 'zod';
import { type Role, ROLES } from '../role.js';
import type { Share } from './share.entity.js';

/** With whom: one user, or everybody of a role. */
export const newShareSchema = z
  .strictObject({ user_id: z.uuid().optional(), role: z.enum(ROLES).optional() })
  .refine(({ user_id, role }) => (user_id === undefined) !== (role === undefined), 'must name a user_id or a role')
  .meta({ id: 'NewShare' });

export type NewShare = z.output<typeof newShareSchema>;

export const shareSchema = z
  .object({
    share_id: z.uuid(),
    user_id: z.string().nullable().describe('The user who may read it; null when it is shared with a role.'),
    role: z.enum(ROLES).nullable().describe('Whose members may read it; null when it is shared with a user.'),
    created_at: z.iso.datetime().describe('RFC 3339, UTC.'),
  })
  .meta({ id: 'Share' });

export const shareListSchema = z.object({ data: z.array(shareSchema) }).meta({ id: 'ShareList' });

export type ShareDocument = z.output<typeof shareSchema>;

export function shareDocument({ id, granteeType, grantee, createdAt }: Share): ShareDocument {
  return {
    share_id: id,
    user_id: granteeType === 'user' ? grantee : null,
    role: granteeType === 'role' ? roleNamed(grantee) : null,
    created_at: createdAt.toISOString(),
  };
}

function roleNamed(name: string): Role | null {
  return ROLES.find((role) => role === name) ?? null;
}
