import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { Sandbox } from '../sandbox/sandbox.js';
import { ToolRegistry } from '../tools/tool.registry.js';

/** What is to be told of tools: how many there are, and what this machine is protected by while they run. */
@Injectable()
export class ToolReadiness {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly tools: ToolRegistry,
    private readonly sandbox: Sandbox,
  ) {}

  /** One broken plugin does not make the platform unready; none at all does. */
  async plugins(): Promise<HealthIndicatorResult> {
    const tools = this.tools.list();
    const available = tools.filter(({ unavailableReason }) => unavailableReason === undefined).length;
    const counts = {
      available,
      unavailable: tools.length - available,
      broken_plugins: this.tools.brokenPlugins().length,
    };
    const indicator = this.indicators.check('plugins');
    return available > 0 ? indicator.up(counts) : indicator.down(counts);
  }

  /** Never down: where a layer is mandatory and missing, the platform does not start. */
  async layers(): Promise<HealthIndicatorResult> {
    return this.indicators.check('sandbox').up({ ...(await this.sandbox.finding()) });
  }
}
