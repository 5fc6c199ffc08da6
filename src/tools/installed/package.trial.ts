import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { Problem } from '../../errors/problem.js';
import type { OpenPackage } from '../../plugins/packages/package.reader.js';
import { hostFaults } from '../../plugins/packages/package.maker.js';
import { refusedPackage } from '../../plugins/packages/package.refusal.js';
import { Sandbox } from '../../sandbox/sandbox.js';
import { type CaseReport, isGood } from '../../trials/case.report.js';
import { runCases } from '../../trials/case.runner.js';
import { isUsable } from '../../plugins/options/tool.options.js';
import { ToolRegistry } from '../tool.registry.js';
import type { UnpackedPlugin } from './depot.js';
import type { CasesResult } from './plugin-package.entity.js';
import { PackageStore } from './package.store.js';

const MOST_TOLD = 20;

/** What a package must pass before this platform takes it, and before it uses it. */
@Injectable()
export class PackageTrial {
  constructor(
    private readonly sandbox: Sandbox,
    private readonly registry: ToolRegistry,
    private readonly packages: PackageStore,
  ) {}

  /**
   * Whether it fits to this platform: the host range, the names of its tools, and that they say of themselves here what
   * they said when it was packed.
   *
   * @throws Problem `plugin_refused` with every reason
   */
  async fit({ plugin, lock }: Pick<OpenPackage, 'plugin' | 'lock'>): Promise<void> {
    const { tools, faults } = await this.sandbox.describe({ ...plugin.code, isAlone: true });
    const reasons = [
      ...hostFaults(plugin.manifest),
      ...faults.map(({ file, reason }) => (file === null ? reason : `${file}: ${reason}`)),
      ...(isDeepStrictEqual(plain(tools), plain(lock.tools))
        ? []
        : ['What its tools say of themselves here is not what they said when it was packed.']),
      ...lock.tools
        .filter(({ optionsSchema }) => !isUsable(optionsSchema))
        .map(({ name }) => `The schema of the options of ${name} cannot be used.`),
      ...(await this.takenNames(
        plugin.code.name,
        lock.tools.map(({ name }) => name),
      )),
    ];
    if (reasons.length > 0) throw refusedPackage(reasons);
  }

  /**
   * Runs the plugin's own cases, here and in this sandbox. One that is skipped for want of a program counts: it is said,
   * and where it is a program of the tool, the tool cannot be used.
   *
   * @param untested whether tools may have no case at all
   * @throws Problem `plugin_failed_cases` with those that failed, or `plugin_untested` with the tools that have none
   */
  async pass({ plugin, lock }: UnpackedPlugin, untested: boolean): Promise<CasesResult> {
    const report = await runCases(plugin, this.sandbox);
    if (!isGood(report)) throw failedCases(report);
    const tried = new Set(report.results.map(({ tool }) => tool));
    const others = lock.tools.map(({ name }) => name).filter((name) => !tried.has(name));
    if (others.length > 0 && !untested) throw withoutCases(plugin.code.name, others);
    const { passed, failed, skipped } = report;
    return { passed, failed, skipped };
  }

  /** Nobody gets work that was meant for the tool of another. */
  private async takenNames(name: string, tools: readonly string[]): Promise<string[]> {
    const found = this.registry.foundTools();
    const installed = (await this.packages.list()).filter((row) => row.name !== name);
    const own = found.some(({ plugin }) => plugin.name === name);
    const taken = new Set([...found.map((tool) => tool.name), ...installed.flatMap((row) => row.tools)]);
    return [
      ...(own ? [`There is a plugin ${name} on this platform that was not installed.`] : []),
      ...tools
        .filter((tool) => taken.has(tool))
        .map((tool) => `There is a tool called ${tool} already, of another plugin.`),
    ];
  }
}

function failedCases(report: CaseReport): Problem {
  const details = failuresOf(report).slice(0, MOST_TOLD);
  const words = details.map(({ message }) => message).join('; ');
  return new Problem('plugin_failed_cases', `${report.plugin} fails its own cases here: ${words}.`, { details });
}

function withoutCases(plugin: string, tools: readonly string[]): Problem {
  const details = tools.slice(0, MOST_TOLD).map((tool) => ({ path: '', code: 'no_case', message: tool }));
  const words = details.map(({ message }) => message).join(', ');
  return new Problem(
    'plugin_untested',
    `${plugin} has no case for ${words}, so nothing shows that this works here. Say so if you want it untested.`,
    { details },
  );
}

function failuresOf({ results, faults }: CaseReport): { path: string; code: string; message: string }[] {
  const failed = results.filter(({ status }) => status === 'failed');
  return [
    ...faults.map(({ file, reason }) => ({ path: '', code: 'file', message: `${file}: ${reason}` })),
    ...failed.map(({ tool, name }) => ({ path: '', code: 'case', message: `${tool}: ${name}` })),
  ];
}

/** As it is after it was sent or written. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
