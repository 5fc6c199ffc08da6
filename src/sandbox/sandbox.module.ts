import { Global, Module } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Sandbox } from './sandbox.js';

@Global()
@Module({ providers: [{ provide: Sandbox, inject: [Config], useFactory: begun }], exports: [Sandbox] })
export class SandboxModule {}

/** Its first child starts while the rest of the application is put together, which takes as long. */
async function begun(config: Config): Promise<Sandbox> {
  const sandbox = new Sandbox(config);
  await sandbox.begin();
  return sandbox;
}
