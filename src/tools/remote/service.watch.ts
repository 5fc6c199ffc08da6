import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Tool } from '../tool.js';
import { type Outage, ToolRegistry } from '../tool.registry.js';
import { Circuit } from './circuit.js';
import { type ServiceRan, serviceRuns } from './service.channel.js';
import { type Checked, ServiceCheck } from './service.check.js';

const LOOK_MS = 1_000;
const CHECK_MS = 10_000;
const RECHECK_MS = 1_000;

const RESTS = 'Its service failed several times in a row and is left in peace for a while.';
/** Waiting does not help. */
const LACKING: Outage = { reason: 'Its service does not have it.' };

/** What is known of one service, by all tools of a plugin that it serves. */
interface Known {
  readonly circuit: Circuit;
  /** Its last answer. */
  said: Checked | undefined;
  isAsked: boolean;
  nextMs: number;
}

/**
 * Looks after the services of remote tools: a tool whose service does not answer, or fails again and again, is listed as
 * unavailable with the reason, and its tasks wait until it is back.
 */
@Injectable()
export class ServiceWatch implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(ServiceWatch.name);
  private readonly services = new Map<string, Known>();
  private timer: NodeJS.Timeout | undefined;
  private unsubscribe: (() => void) | undefined;

  constructor(
    private readonly registry: ToolRegistry,
    private readonly check: ServiceCheck,
  ) {}

  onApplicationBootstrap(): void {
    this.registry.setOutage((tool) => this.outage(tool));
    this.unsubscribe = serviceRuns.subscribe((run) => this.ran(run));
    this.timer = setInterval(() => this.look(), LOOK_MS).unref();
    this.look();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
    this.unsubscribe?.();
  }

  private outage(tool: Tool): Outage | undefined {
    const known = tool.service && this.services.get(keyOf(tool));
    if (!known) return undefined;
    const { circuit, said, nextMs } = known;
    if (circuit.open === 'failing') return { reason: RESTS, retryMs: circuit.restLeftMs };
    if (said && 'tools' in said) return said.tools.has(tool.name) ? undefined : LACKING;
    if (!circuit.open || !said) return undefined;
    return { reason: `Its service ${said.reason}.`, retryMs: Math.max(0, nextMs - performance.now()) };
  }

  private ran({ tool, isWell }: ServiceRan): void {
    const known = this.services.get(keyOf(tool));
    if (!known) return;
    known.circuit.ran(isWell);
    if (!isWell) known.nextMs = 0;
  }

  private look(): void {
    const now = performance.now();
    for (const tool of this.registry.list()) {
      const known = tool.service && this.known(keyOf(tool));
      if (known && !known.isAsked && known.nextMs <= now) void this.ask(tool, known);
    }
  }

  private known(key: string): Known {
    const known = this.services.get(key) ?? { circuit: new Circuit(), said: undefined, isAsked: false, nextMs: 0 };
    this.services.set(key, known);
    return known;
  }

  private async ask(tool: Tool, known: Known): Promise<void> {
    if (!tool.service) return;
    known.isAsked = true;
    const wasOpen = known.circuit.open;
    const said = await this.check.ask(tool.service, tool.plugin);
    const isWell = 'tools' in said;
    known.circuit.checked(isWell);
    Object.assign(known, { said, isAsked: false, nextMs: performance.now() + (isWell ? CHECK_MS : RECHECK_MS) });
    if (known.circuit.open !== wasOpen)
      this.logger.warn({
        service: tool.service.url,
        ...said,
        msg: isWell ? 'A service is back.' : 'A service is gone.',
      });
  }
}

/** What one plugin says of a service, and how it is asked, is nothing to another. */
function keyOf({ plugin, service }: Tool): string {
  return JSON.stringify([plugin.hash, service]);
}
