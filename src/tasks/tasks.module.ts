import { type DynamicModule, Module } from '@nestjs/common';
import { MikroOrmModule } from '@mikro-orm/nestjs';
import { FinishedTasks } from './finished.tasks.js';
import { QueueSnapshot } from './estimates/queue.snapshot.js';
import { RunTimeStore } from './estimates/run-time.store.js';
import { PluginNeeds } from '../tools/installed/plugin.needs.js';
import { TaskOutlook } from './estimates/task.outlook.js';
import { WorkerStore } from './estimates/worker.store.js';
import { TaskBulk } from './lists/task.bulk.js';
import { TaskExport } from './lists/task.export.js';
import { TaskListsController } from './lists/task-lists.controller.js';
import { PlanController } from './plan/plan.controller.js';
import { TaskPlan } from './plan/task.plan.js';
import { QuotaController } from './quota.controller.js';
import { ImportController } from './sources/import.controller.js';
import { TaskSecrets } from './secrets/task.secrets.js';
import { TaskSources } from './sources/task.sources.js';
import { SubmissionController } from './submission.controller.js';
import { Backlog } from './task.backlog.js';
import { TaskAccess } from './task.access.js';
import { ReceiptsController } from './receipts/receipts.controller.js';
import { ReceiptsService } from './receipts/receipts.service.js';
import { ResultCache } from './results/result.cache.js';
import { TaskClaims } from './task.claims.js';
import { TaskCreation } from './task.creation.js';
import { Task } from './task.entity.js';
import { TaskInputs } from './task.inputs.js';
import { TaskEventsController } from './task-events.controller.js';
import { TaskLogs } from './task.logs.js';
import { TaskPins } from './task.pins.js';
import { TaskQuota } from './task.quota.js';
import { TaskResult } from './task.result.js';
import { TaskRetry } from './task.retry.js';
import { TaskRoom } from './task.room.js';
import { TaskRetryController } from './task-retry.controller.js';
import { TaskSharesController } from './task-shares.controller.js';
import { TaskStore } from './task.store.js';
import { TaskStreams } from './task.streams.js';
import { TaskSubmission } from './task.submission.js';
import { TaskWaitInterceptor } from './task.wait.interceptor.js';
import { TaskWaits } from './task.waits.js';
import { TasksController } from './tasks.controller.js';
import { TasksService } from './tasks.service.js';

/** What only processes have that answer requests. */
const HTTP = {
  controllers: [
    TasksController,
    TaskListsController,
    TaskRetryController,
    TaskEventsController,
    TaskSharesController,
    SubmissionController,
    ImportController,
    PlanController,
    ReceiptsController,
    QuotaController,
  ],
  providers: [
    Backlog,
    TaskQuota,
    TaskRoom,
    TaskAccess,
    ResultCache,
    TasksService,
    TaskSources,
    TaskSecrets,
    TaskInputs,
    TaskCreation,
    TaskSubmission,
    TaskResult,
    TaskPlan,
    TaskRetry,
    TaskBulk,
    TaskExport,
    ReceiptsService,
    QueueSnapshot,
    TaskOutlook,
    FinishedTasks,
    TaskStreams,
    TaskWaits,
    TaskWaitInterceptor,
  ],
};

@Module({})
export class TasksModule {
  /** @param http whether this process answers requests for tasks */
  static forRoot(http: boolean): DynamicModule {
    return {
      module: TasksModule,
      global: true,
      imports: [MikroOrmModule.forFeature([Task])],
      controllers: http ? HTTP.controllers : [],
      providers: [
        TaskStore,
        TaskClaims,
        TaskLogs,
        RunTimeStore,
        WorkerStore,
        { provide: PluginNeeds, useClass: TaskPins },
        ...(http ? HTTP.providers : []),
      ],
      exports: [
        TaskStore,
        TaskClaims,
        TaskLogs,
        RunTimeStore,
        WorkerStore,
        PluginNeeds,
        ...(http ? [TaskAccess, TaskRoom, TaskSubmission, TaskWaits] : []),
      ],
    };
  }
}
