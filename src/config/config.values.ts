import { z } from 'zod';

const LEAST_SECRET_BYTES = 32;

/** A number greater than 0. */
export const positive = z.coerce.number().int().positive();
export const quota = (most: number) => z.coerce.number().int().min(0).max(most).default(0);
export const perMinute = (usual: number) => z.coerce.number().int().min(0).default(usual);
export const url = (...protocols: string[]) =>
  z.string().refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), {
    error: `must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  });

export const email = z.string().trim().toLowerCase().pipe(z.email()).optional();
export const longSecret = () =>
  z
    .string()
    .refine((secret) => Buffer.byteLength(secret) >= LEAST_SECRET_BYTES, {
      error: `must have at least ${LEAST_SECRET_BYTES} bytes`,
    })
    .optional();
