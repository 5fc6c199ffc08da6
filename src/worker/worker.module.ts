import { Module } from '@nestjs/common';
import { LeaseKeeper } from './lease.keeper.js';
import { Runner } from './runner.js';
import { Settlement } from './settlement.js';
import { Sweeper } from './sweeper.js';
import { ToolRunner } from './tool.runner.js';

/** What a worker does. A process with the role `api` has none of it. */
@Module({ providers: [LeaseKeeper, ToolRunner, Settlement, Runner, Sweeper] })
export class WorkerModule {}
