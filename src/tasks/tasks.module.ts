import { type DynamicModule, Module } from '@nestjs/common';
import { MikroOrmModule } from '@mikro-orm/nestjs';
import { SubmissionController } from './submission.controller.js';
import { Backlog } from './task.backlog.js';
import { TaskAccess } from './task.access.js';
import { TaskClaims } from './task.claims.js';
import { Task } from './task.entity.js';
import { TaskResult } from './task.result.js';
import { TaskSharesController } from './task-shares.controller.js';
import { TaskStore } from './task.store.js';
import { TaskSubmission } from './task.submission.js';
import { TasksController } from './tasks.controller.js';
import { TasksService } from './tasks.service.js';

@Module({})
export class TasksModule {
  /** @param http whether this process answers requests for tasks */
  static forRoot(http: boolean): DynamicModule {
    return {
      module: TasksModule,
      global: true,
      imports: [MikroOrmModule.forFeature([Task])],
      controllers: http ? [TasksController, TaskSharesController, SubmissionController] : [],
      providers: [
        TaskStore,
        TaskClaims,
        ...(http ? [Backlog, TaskAccess, TasksService, TaskSubmission, TaskResult] : []),
      ],
      exports: [TaskStore, TaskClaims],
    };
  }
}
