import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Global, Module } from '@nestjs/common';
import { Config } from '../config/config.js';
import { LocalStorage } from './local.storage.js';
import { Storage } from './storage.js';

/** Gives the Storage that the configuration names. Its directory is made at start. */
@Global()
@Module({
  providers: [{ provide: Storage, inject: [Config], useFactory: openStorage }],
  exports: [Storage],
})
export class StorageModule {}

async function openStorage({ STORAGE_URL, DATA_DIR }: Config): Promise<Storage> {
  const directory = STORAGE_URL === undefined ? join(DATA_DIR, 'storage') : fileURLToPath(STORAGE_URL);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return new LocalStorage(directory);
}
