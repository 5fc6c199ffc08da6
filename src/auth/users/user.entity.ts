import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { ROLES } from '../role.js';

/** Somebody with an account. The id stands as the owner in every row that is theirs. */
export const User = defineEntity({
  name: 'User',
  tableName: 'account',
  properties: {
    id: p.uuid().primary(),
    /** In lower case; unique. */
    email: p.string(),
    name: p.string().nullable(),
    role: p.enum(ROLES),
    /** Empty until a link for the first password was used: nobody can log in with a password before. */
    passwordHash: p.string().nullable(),
    createdAt: p.datetime(),
    disabledAt: p.datetime().nullable(),
  },
});

export type User = InferEntity<typeof User>;
