import { hash, timingSafeEqual } from 'node:crypto';
import { Controller, Get, Header, Headers, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '../auth/access.decorators.js';
import { notAuthenticated } from '../auth/credentials.js';
import { Config } from '../config/config.js';
import { Budget } from '../limits/budget.js';
import { Metrics } from './metrics.registry.js';

/** Figures for Prometheus. With METRICS_TOKEN, for whoever shows it: Prometheus is no user and has no account. */
@ApiExcludeController()
@Controller({ path: 'metrics', version: VERSION_NEUTRAL })
export class MetricsController {
  constructor(
    private readonly metrics: Metrics,
    private readonly config: Config,
  ) {}

  @Get()
  @Public()
  @Budget('none')
  @Header('cache-control', 'no-store')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  render(@Headers('authorization') shown = ''): Promise<string> {
    const { METRICS_TOKEN: token } = this.config;
    if (token !== undefined && !same(shown.replace(/^bearer +/i, 'Bearer '), `Bearer ${token}`))
      throw notAuthenticated('The metrics are for whoever shows METRICS_TOKEN.');
    return this.metrics.render();
  }
}

/** Takes as long wherever they differ. */
function same(one: string, other: string): boolean {
  return timingSafeEqual(hash('sha256', one, 'buffer'), hash('sha256', other, 'buffer'));
}
