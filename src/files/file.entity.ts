import { defineEntity, type InferEntity, p } from '@mikro-orm/core';

/** `unscanned`: there was no scanner. `pending`: it did not answer, and nobody may have the file before it does. */
export const SCANS = ['unscanned', 'pending', 'clean', 'infected', 'encrypted', 'too_large', 'error'] as const;

/**
 * Stored bytes with an owner, a detected type, a SHA-256 and an expiry. The id is also the key of the bytes.
 *
 * The row comes before the first byte and leaves after the last, so that no byte is ever without a row: while a file
 * is being written `storedAt` is empty and `expiresAt` is a short lease, renewed as bytes arrive.
 */
export const File = defineEntity({
  name: 'File',
  tableName: 'file',
  properties: {
    id: p.uuid().primary(),
    owner: p.string(),
    name: p.string(),
    type: p.string(),
    extension: p.string(),
    size: p.bigint('number'),
    sha256: p.string(),
    createdAt: p.datetime(),
    storedAt: p.datetime().nullable(),
    expiresAt: p.datetime(),
    /** What the virus scanner said. */
    scan: p.enum(SCANS),
    /** When the file was taken out of use; the row stays as the record of it. The bytes are removed after that. */
    purgedAt: p.datetime().nullable(),
    bytesGoneAt: p.datetime().nullable(),
  },
});

export type File = InferEntity<typeof File>;
