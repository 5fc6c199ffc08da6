import { Module } from '@nestjs/common';
import { TaskSecrets } from '../tasks/secrets/task.secrets.js';
import { TaskSources } from '../tasks/sources/task.sources.js';
import { LeaseKeeper } from './lease.keeper.js';
import { RunTimeRecorder } from './run-time.recorder.js';
import { Runner } from './runner.js';
import { Settlement } from './settlement.js';
import { SourceDownload } from './source.download.js';
import { Sweeper } from './sweeper.js';
import { TaskImports } from './task.imports.js';
import { ToolRunner } from './tool.runner.js';
import { WorkerPulse } from './worker.pulse.js';

/** What a worker does. A process with the role `api` has none of it. */
@Module({
  providers: [
    LeaseKeeper,
    TaskSources,
    TaskSecrets,
    SourceDownload,
    TaskImports,
    ToolRunner,
    Settlement,
    Runner,
    Sweeper,
    RunTimeRecorder,
    WorkerPulse,
  ],
})
export class WorkerModule {}
