import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { loadConfig } from '../../src/config/config.load.js';
import { ConfigModule } from '../../src/config/config.module.js';
import { StorageModule } from '../../src/storage/storage.module.js';
import { Storage } from '../../src/storage/storage.js';

@Module({})
class Application {}

async function openStorage(variables: Record<string, string>): Promise<Storage> {
  const imports = [ConfigModule.forRoot(loadConfig(variables)), StorageModule];
  const options = { logger: false, abortOnError: false } as const;
  const application = await NestFactory.createApplicationContext({ module: Application, imports }, options);
  return application.get(Storage);
}

describe('StorageModule', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'storage-module-'));
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('makes a private directory in DATA_DIR', async () => {
    const storage = await openStorage({ DATA_DIR: join(directory, 'data') });

    await storage.write(randomUUID(), Readable.from(['x']));

    expect(await readdir(join(directory, 'data', 'storage'))).toHaveLength(1);
    expect((await stat(join(directory, 'data', 'storage'))).mode & 0o777).toBe(0o700);
  });

  it('uses the directory of STORAGE_URL, even one with a space in its name', async () => {
    const storage = await openStorage({
      DATA_DIR: directory,
      STORAGE_URL: pathToFileURL(join(directory, 'my files')).href,
    });

    await storage.write(randomUUID(), Readable.from(['x']));

    expect(await readdir(directory)).toEqual(['my files']);
  });

  it('finds what an earlier process has stored', async () => {
    const key = randomUUID();
    const earlier = await openStorage({ DATA_DIR: directory });
    await earlier.write(key, Readable.from(['x']));

    const later = await openStorage({ DATA_DIR: directory });

    expect(await later.stat(key)).toEqual({ size: 1 });
  });
});
