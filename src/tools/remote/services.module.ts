import { Module } from '@nestjs/common';
import { ServiceCheck } from './service.check.js';
import { ServiceWatch } from './service.watch.js';

/** Who looks after the services of remote tools: for a platform that runs, not for a command that only lists tools. */
@Module({ providers: [ServiceCheck, ServiceWatch] })
export class ServicesModule {}
