import { Module } from '@nestjs/common';
import { MetricsController } from './metrics.controller.js';
import { MetricsListener } from './metrics.listener.js';
import { Metrics } from './metrics.registry.js';

/** Needs a Queue from a module that is global or is imported here. */
@Module({ controllers: [MetricsController], providers: [Metrics, MetricsListener], exports: [Metrics] })
export class MetricsModule {}
