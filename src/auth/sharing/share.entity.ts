import { defineEntity, type InferEntity, p } from '@mikro-orm/core';

/** What can be shared. */
export const OBJECT_TYPES = ['file', 'task'] as const;

export type ObjectType = (typeof OBJECT_TYPES)[number];

/** That one user, or everybody of a role, may read an object of somebody else. */
export const Share = defineEntity({
  name: 'Share',
  tableName: 'share',
  properties: {
    id: p.uuid().primary(),
    objectType: p.enum(OBJECT_TYPES),
    objectId: p.uuid(),
    granteeType: p.enum(['user', 'role'] as const),
    /** Id of the user, or name of the role. */
    grantee: p.string(),
    createdBy: p.string(),
    createdAt: p.datetime(),
  },
});

export type Share = InferEntity<typeof Share>;
