import { Global, Module } from '@nestjs/common';
import { TaskHistory } from './task.history.js';

/** For processes in which something happens to tasks. Needs the modules of tasks, files and events. */
@Global()
@Module({ providers: [TaskHistory], exports: [TaskHistory] })
export class TaskHistoryModule {}
