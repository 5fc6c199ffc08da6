import { z } from 'zod';
import { ROLES } from '../role.js';
import type { User } from './user.entity.js';

const time = z.iso.datetime().describe('RFC 3339, UTC.');

/** Longest address that mail can have (RFC 5321 §4.5.3.1.3). */
const EMAIL_LENGTH = 254;

export const emailSchema = z.string().trim().toLowerCase().max(EMAIL_LENGTH).pipe(z.email());

/** A name of something or somebody: one line. */
export const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, 'has characters that cannot be seen');

/** Longer than any that is accepted, so that the refusal can say so. */
export const passwordSchema = z.string().max(1_000).describe('All characters are welcome.');

export const userSchema = z
  .object({
    user_id: z.uuid(),
    email: z.string(),
    name: z.string().nullable(),
    role: z.enum(ROLES),
    created_at: time,
    disabled_at: time.nullable().describe('Since when nobody can log in.'),
    has_password: z.boolean(),
  })
  .meta({ id: 'User' });

export type UserDocument = z.output<typeof userSchema>;

export function userDocument(user: User): UserDocument {
  return {
    user_id: user.id,
    email: user.email,
    name: user.name ?? null,
    role: user.role,
    created_at: user.createdAt.toISOString(),
    disabled_at: user.disabledAt?.toISOString() ?? null,
    has_password: Boolean(user.passwordHash),
  };
}
