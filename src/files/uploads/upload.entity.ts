import { defineEntity, type InferEntity, p } from '@mikro-orm/core';

/**
 * An upload that comes in pieces. Its id is that of the file that it becomes, whose row is there from the beginning;
 * when that row is gone, so is the upload, and this one stays for a while to say so.
 */
export const ResumableUpload = defineEntity({
  name: 'ResumableUpload',
  tableName: 'upload',
  properties: {
    id: p.uuid().primary(),
    owner: p.string(),
    /** Bytes that it shall have. */
    length: p.bigint('number'),
    /** What the client says of the file: values by name, null for a name alone. Nothing is believed. */
    metadata: p.json<Readonly<Record<string, string | null>>>(),
    createdAt: p.datetime(),
    expiresAt: p.datetime(),
    /** Where a piece with a checksum begins that was not compared yet: what comes after it does not count. */
    unverifiedFrom: p.bigint('number').nullable(),
    /** The request that writes, where several processes answer requests. */
    leaseOwner: p.uuid().nullable(),
    leaseExpiresAt: p.datetime().nullable(),
  },
});

export type ResumableUpload = InferEntity<typeof ResumableUpload>;
