import { z } from 'zod';
import { webhookUrlSchema } from '../webhooks/webhook.document.js';

const MOST_HEADERS = 20;
/** A token of RFC 9110 §5.6.2. */
const FIELD_NAME = /^[\w!#$%&'*+.^`|~-]{1,100}$/;
/** Printable, and no line break that would begin another field. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** What says where a message begins and ends, and between whom, is not for users. */
const OURS =
  /^(?:host|connection|content-.*|transfer-encoding|te|trailer|upgrade|expect|keep-alive|accept-encoding|range|proxy-.*)$/i;

const sourceHeadersSchema = z
  .record(
    z
      .string()
      .regex(FIELD_NAME, 'is not the name of a header field')
      .refine((name) => !OURS.test(name), { error: 'is a header field that only the server may set' }),
    z.string().max(4_000).regex(FIELD_VALUE, 'has characters that a header field cannot have'),
  )
  .refine((headers) => Object.keys(headers).length <= MOST_HEADERS, {
    error: `must not be more than ${MOST_HEADERS}`,
  })
  .default({})
  .describe('Header fields for that server only, such as Authorization. Kept encrypted, and never shown.');

/** A file that is somewhere else. */
export const sourceSchema = z.strictObject({
  url: webhookUrlSchema.describe('Where the file is: http or https. Redirects are followed.'),
  headers: sourceHeadersSchema,
});

export type WantedSource = z.output<typeof sourceSchema>;

/** A source, and which of the inputs of its task it becomes. */
export const placedSourceSchema = sourceSchema.extend({ position: z.int().min(0) });

export type Source = z.output<typeof placedSourceSchema>;
