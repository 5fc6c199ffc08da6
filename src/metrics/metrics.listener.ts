import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { fileStored } from '../files/file.channels.js';
import { responses } from '../http/response.channel.js';
import { taskEvents } from '../tasks/task.channels.js';
import { pluginQuarantined } from '../tools/installed/installed.channels.js';
import { Metrics } from './metrics.registry.js';

/** Others tell what happens on channels, and metrics listens: nobody needs to know that it is there. */
@Injectable()
export class MetricsListener implements OnModuleInit, OnApplicationShutdown {
  private subscriptions: (() => void)[] = [];

  constructor(private readonly metrics: Metrics) {}

  onModuleInit(): void {
    this.subscriptions = [
      responses.subscribe((event) => this.metrics.observeResponse(event)),
      taskEvents.subscribe((event) => event.type === 'status' && this.metrics.observeTask(event.task)),
      pluginQuarantined.subscribe(() => this.metrics.countQuarantine()),
      fileStored.subscribe((event) => this.metrics.observeFileStored(event)),
    ];
  }

  onApplicationShutdown(): void {
    for (const unsubscribe of this.subscriptions) unsubscribe();
  }
}
