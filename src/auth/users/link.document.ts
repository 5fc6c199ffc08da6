import { z } from 'zod';
import type { Link } from './links.js';

export const linkSchema = z
  .object({
    url: z.string().describe('To be given to whom it is for, and to nobody else.'),
    token: z.string().describe('What stands in the URL behind `#token=`.'),
    expires_at: z.iso.datetime().describe('RFC 3339, UTC. It works once.'),
  })
  .meta({ id: 'OneTimeLink' });

export type LinkDocument = z.output<typeof linkSchema>;

export function linkDocument({ url, token, expiresAt }: Link): LinkDocument {
  return { url, token, expires_at: expiresAt.toISOString() };
}
