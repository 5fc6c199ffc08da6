import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Global, Module } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Drafts } from './drafts.js';
import { LocalDrafts } from './local.drafts.js';
import { LocalStorage } from './local.storage.js';
import { Storage } from './storage.js';

/** Gives the Storage that the configuration names, and the Drafts beside it. Its directory is made at start. */
@Global()
@Module({
  providers: [
    { provide: Storage, inject: [Config], useFactory: openStorage },
    { provide: Drafts, inject: [Config], useFactory: (config: Config) => new LocalDrafts(directoryOf(config)) },
  ],
  exports: [Storage, Drafts],
})
export class StorageModule {}

async function openStorage(config: Config): Promise<Storage> {
  const directory = directoryOf(config);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return new LocalStorage(directory);
}

function directoryOf({ STORAGE_URL, DATA_DIR }: Config): string {
  return STORAGE_URL === undefined ? join(DATA_DIR, 'storage') : fileURLToPath(STORAGE_URL);
}
