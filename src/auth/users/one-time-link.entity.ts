import { defineEntity, type InferEntity, p } from '@mikro-orm/core';

export const LINK_PURPOSES = ['setup', 'invitation', 'reset'] as const;

export type LinkPurpose = (typeof LINK_PURPOSES)[number];

/** Lets whoever holds it choose one password, once. */
export const OneTimeLink = defineEntity({
  name: 'OneTimeLink',
  tableName: 'one_time_link',
  properties: {
    /** SHA-256 of the token in the link, in hexadecimal. */
    hash: p.string().primary(),
    purpose: p.enum(LINK_PURPOSES),
    /** Empty for the setup of the first admin: there is no user yet. */
    userId: p.uuid().nullable(),
    expiresAt: p.datetime(),
    usedAt: p.datetime().nullable(),
  },
});

export type OneTimeLink = InferEntity<typeof OneTimeLink>;
