import { z } from 'zod';

const payloadSchema = z.object({ version: z.literal(1), id: z.string().min(1).max(200) });

/** What a ring carries through Redis. A version that this process does not know is not answered here. */
export type RingPayload = z.output<typeof payloadSchema>;

export function ringPayload(id: string): RingPayload {
  return { version: 1, id };
}

/** Whether both parts of a job as Redis keeps it, JSON each, are what we have put there. */
export function isReadableRing({ data, opts }: Readonly<Record<string, string>>): boolean {
  try {
    return (
      payloadSchema.safeParse(JSON.parse(data ?? '')).success && z.object().safeParse(JSON.parse(opts ?? '')).success
    );
  } catch {
    return false;
  }
}
