import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { AuditLog } from '../../src/auth/audit/audit.log.js';
import { AuditStore } from '../../src/auth/audit/audit.store.js';
import { Access } from '../../src/auth/sharing/access.js';
import { ShareStore } from '../../src/auth/sharing/share.store.js';
import { FileAccess } from '../../src/files/file.access.js';
import { FileQuota } from '../../src/files/file.quota.js';
import { FileStore } from '../../src/files/file.store.js';
import { FileScans } from '../../src/files/scanning/file.scans.js';
import { FilesService } from '../../src/files/files.service.js';
import { LocalStorage } from '../../src/storage/local.storage.js';
import type { Storage } from '../../src/storage/storage.js';
import type { TaskFile } from '../../src/tasks/task.entity.js';
import type { TestDatabase } from '../database/databases.js';
import { OWNER } from '../tasks/task.rows.js';

/** Files as the platform keeps them: rows in the database, bytes in its directory. */
export interface TestFiles {
  readonly service: FilesService;
  readonly storage: Storage;
  readonly store: FileStore;
  readonly access: FileAccess;
  readonly shares: ShareStore;
  readonly audit: AuditLog;
  readonly scans: FileScans;
  /** Stores text as a file, for the inputs or the outputs of a task. */
  stored(text: string, name?: string): Promise<TaskFile>;
}

export async function filesOf({ database, config, directory }: TestDatabase): Promise<TestFiles> {
  const path = join(directory, 'storage');
  await mkdir(path);
  const storage = new LocalStorage(path);
  const store = new FileStore(database);
  const audit = new AuditLog(new AuditStore(database));
  const scans = new FileScans(config, store, storage, audit);
  const service = new FilesService(store, storage, new FileQuota(database, config), config, scans, audit);
  const shares = new ShareStore(database);
  const access = new FileAccess(store, service, new Access(shares, audit), shares, audit);
  const stored = async (text: string, name = 'a.txt') => {
    const wanted = { owner: OWNER, origin: 'upload' as const, name, maxBytes: 1e9 };
    const file = await service.receive(Readable.from([Buffer.from(text)]), wanted);
    return { file_id: file.id, name: file.name, type: file.type, size: file.size, sha256: file.sha256 };
  };
  return { service, storage, store, access, shares, audit, scans, stored };
}
