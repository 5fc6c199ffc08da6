import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Outbound } from '../../../src/outbound/outbound.js';
import { type Checked, ServiceCheck } from '../../../src/tools/remote/service.check.js';
import { serviceRuns } from '../../../src/tools/remote/service.channel.js';
import { ServiceWatch } from '../../../src/tools/remote/service.watch.js';
import type { Tool } from '../../../src/tools/tool.js';
import type { OutageOf, ToolRegistry } from '../../../src/tools/tool.registry.js';
import { until } from '../../conditions.js';

/** Answers what the test wants. */
class ToldCheck extends ServiceCheck {
  answer: Checked = { tools: new Set(['here']) };
  asked = 0;

  override ask(): Promise<Checked> {
    this.asked += 1;
    return Promise.resolve(this.answer);
  }
}

const toolNamed = (name: string) =>
  ({ name, plugin: { hash: 'a' }, service: { url: 'http://words.lan' } }) as unknown as Tool;
const HERE = toolNamed('here');
const GONE = toolNamed('gone');
const CLASS = { name: 'class', plugin: { hash: 'a' } } as unknown as Tool;

describe('the watch over services', () => {
  let check: ToldCheck;
  let watch: ServiceWatch;
  let outage: OutageOf;

  beforeEach(async () => {
    Logger.overrideLogger(false);
    check = new ToldCheck({} as Outbound);
    const registry = { list: () => [CLASS, HERE, GONE], setOutage: (given: OutageOf) => (outage = given) };
    watch = new ServiceWatch(registry as unknown as ToolRegistry, check);
    watch.onApplicationBootstrap();
    await until(() => outage(GONE), { describe: 'the service has answered' });
  });
  afterEach(() => watch.onApplicationShutdown());

  it('asks a service once for all its tools', () => {
    expect(check.asked).toBe(1);
    expect([CLASS, HERE, GONE].map((tool) => outage(tool))).toEqual([
      undefined,
      undefined,
      { reason: 'Its service does not have it.' },
    ]);
  });

  it('leaves a service in peace whose runs fail, however well it answers', () => {
    for (let runs = 0; runs < 3; runs++) serviceRuns.publish({ tool: HERE, isWell: false });

    const { reason, retryMs } = outage(HERE) ?? {};
    expect(reason).toBe('Its service failed several times in a row and is left in peace for a while.');
    expect(retryMs).toBeGreaterThan(5_000);
    expect(retryMs).toBeLessThanOrEqual(10_000);
    expect(outage(CLASS)).toBeUndefined();
  });

  it('asks at once after a run that failed, and tells why a service gets no work', async () => {
    check.answer = { reason: 'answers with status 401' };
    serviceRuns.publish({ tool: HERE, isWell: false });

    expect(await until(() => outage(HERE), { describe: 'the tool cannot be used' })).toEqual({
      reason: 'Its service answers with status 401.',
      retryMs: expect.any(Number),
    });
    check.answer = { tools: new Set(['here']) };
    await until(() => outage(HERE) === undefined, { describe: 'the tool can be used' });
  });
});
