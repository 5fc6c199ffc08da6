import { z } from 'zod';
import type { File } from './file.entity.js';

const time = z.iso.datetime().describe('RFC 3339, UTC.');

export const fileSchema = z
  .object({
    file_id: z.uuid(),
    name: z.string().describe('The name that the client gave, cleaned.'),
    type: z.string().describe('MIME type, detected from the bytes.'),
    extension: z.string().describe('The usual extension of the type, without a dot.'),
    size: z.int().describe('Bytes.'),
    sha256: z.string().describe('Of the stored bytes, hexadecimal.'),
    scan: z
      .enum(['unscanned', 'pending', 'clean'])
      .describe('What the virus scanner said; while it is pending, the file can neither be downloaded nor used.'),
    created_at: time,
    expires_at: time,
    content_url: z.string(),
    links: z.object({ self: z.string(), content: z.string() }),
  })
  .meta({ id: 'File' });

export type FileDocument = z.output<typeof fileSchema>;

export function filePath(id: string): string {
  return `/api/v1/files/${id}`;
}

export function fileDocument(file: File): FileDocument {
  const self = filePath(file.id);
  const content = `${self}/content`;
  return {
    file_id: file.id,
    name: file.name,
    type: file.type,
    extension: file.extension,
    size: file.size,
    sha256: file.sha256,
    scan: file.scan === 'pending' || file.scan === 'clean' ? file.scan : 'unscanned',
    created_at: file.createdAt.toISOString(),
    expires_at: file.expiresAt.toISOString(),
    content_url: content,
    links: { self, content },
  };
}
