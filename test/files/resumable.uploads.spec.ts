import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/config.load.js';
import type { FileQuota } from '../../src/files/file.quota.js';
import { begun, type FilesService } from '../../src/files/files.service.js';
import { renewalMs, ResumableUploads } from '../../src/files/uploads/resumable.uploads.js';
import type { UploadStore } from '../../src/files/uploads/upload.store.js';
import type { Drafts } from '../../src/storage/drafts.js';

const HOUR_MS = 3_600_000;
/** The longest time that a timer of Node can have; a longer one ends at once. */
const LONGEST_MS = 2 ** 31 - 1;

describe('the life of an upload', () => {
  it.each([0.01, 24, 87_600])('is prolonged in time while a piece comes: %d hours', (hours) => {
    const ms = renewalMs(hours * HOUR_MS);

    expect(ms).toBeLessThanOrEqual(LONGEST_MS);
    expect(ms).toBeLessThan((hours * HOUR_MS) / 2);
  });
});

/** Bytes in memory; `reads` are those that were read again. */
function open() {
  const bytes = new Map<string, Buffer>();
  const reads: string[] = [];
  const drafts = {
    append: async (key: string, source: AsyncIterable<Buffer>) => {
      for await (const chunk of source) bytes.set(key, Buffer.concat([bytes.get(key) ?? Buffer.alloc(0), chunk]));
    },
    size: async (key: string) => bytes.get(key)?.length ?? 0,
    read: async (key: string) => {
      reads.push(key);
      return Readable.from([bytes.get(key)]);
    },
    keep: async () => {},
  } as unknown as Drafts;
  const store = { renew: async () => true } as unknown as UploadStore;
  const files = { complete: async () => ({}) } as unknown as FilesService;
  const uploads = new ResumableUploads(store, files, {} as FileQuota, drafts, loadConfig({}));
  const send = (id: string, text: string, offset: number, length: number) => {
    const file = { ...begun({ owner: 'me' }), id };
    const { owner, createdAt, expiresAt } = file;
    const nobody = { unverifiedFrom: null, leaseOwner: null, leaseExpiresAt: null };
    const upload = { id, owner, length, metadata: {}, createdAt, expiresAt, ...nobody };
    return uploads.append({ upload, file }, Readable.from([Buffer.from(text)]), offset);
  };
  return { send, reads };
}

describe('what is learned of an upload while it comes', () => {
  it('is not crowded out by a thousand that nobody continues', async () => {
    const { send, reads } = open();
    for (let number = 0; number < 1_000; number++) await send(`abandoned-${number}`, 'x', 0, 2);

    const half = 'x'.repeat(5_000);
    await send('mine', half, 0, 10_000);
    await send('mine', half, 5_000, 10_000);

    expect(reads).toEqual([]);
  });
});
