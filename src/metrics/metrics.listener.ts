import type { Channel } from 'node:diagnostics_channel';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { type FileStoredEvent, fileStored } from '../files/file.channels.js';
import { type ResponseEvent, responseChannel } from '../http/response.channel.js';
import { type TaskFinishedEvent, type TaskStartedEvent, taskFinished, taskStarted } from '../tasks/task.channels.js';
import { Metrics } from './metrics.registry.js';

/** Others tell what happens on channels, and metrics listens: nobody needs to know that it is there. */
@Injectable()
export class MetricsListener implements OnModuleInit, OnApplicationShutdown {
  private readonly subscriptions: readonly [Channel, (event: unknown) => void][];

  constructor(metrics: Metrics) {
    this.subscriptions = [
      [responseChannel, (event) => metrics.observeResponse(event as ResponseEvent)],
      [taskStarted, (event) => metrics.observeTaskStarted(event as TaskStartedEvent)],
      [taskFinished, (event) => metrics.observeTaskFinished(event as TaskFinishedEvent)],
      [fileStored, (event) => metrics.observeFileStored(event as FileStoredEvent)],
    ];
  }

  onModuleInit(): void {
    for (const [channel, listener] of this.subscriptions) channel.subscribe(listener);
  }

  onApplicationShutdown(): void {
    for (const [channel, listener] of this.subscriptions) channel.unsubscribe(listener);
  }
}
