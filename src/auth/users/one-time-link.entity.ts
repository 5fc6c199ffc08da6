import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { ROLES } from '../role.js';

/** The setup of the first admin; an invitation to register; a new password for an account that exists. */
export const LINK_PURPOSES = ['setup', 'invitation', 'password'] as const;

export type LinkPurpose = (typeof LINK_PURPOSES)[number];

/** Lets whoever holds it choose one password, once. */
export const OneTimeLink = defineEntity({
  name: 'OneTimeLink',
  tableName: 'one_time_link',
  properties: {
    /** SHA-256 of the token in the link, in hexadecimal. */
    hash: p.string().primary(),
    purpose: p.enum(LINK_PURPOSES),
    /** Whose password it is; empty where there is no user yet. */
    userId: p.uuid().nullable(),
    /** What the invited person becomes. */
    role: p.enum(ROLES).nullable(),
    expiresAt: p.datetime(),
    usedAt: p.datetime().nullable(),
  },
});

export type OneTimeLink = InferEntity<typeof OneTimeLink>;
