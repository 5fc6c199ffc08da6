import { basename, dirname } from 'node:path';
import { Writable } from 'node:stream';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { z } from 'zod';
import { loadPlugin } from '../../plugins/plugin.loader.js';
import { Sandbox } from '../../sandbox/sandbox.js';
import { ToolRegistry } from '../../tools/tool.registry.js';

/** Something that keeps the plugin, or a tool of it, from being used. */
interface Fault {
  readonly file: string | null;
  readonly line: number | null;
  readonly reason: string;
}

/** How the plugin stands since it was last saved. */
interface Standing {
  readonly title: string;
  readonly tools: readonly string[];
  readonly faults: readonly Fault[];
  readonly took_ms: number;
}

/** What is told to those who look at the page. */
export type News =
  | { readonly type: 'plugin'; readonly standing: Standing }
  | { readonly type: 'crash'; readonly task_id: string; readonly reason: string };

const crashSchema = z.object({ msg: z.literal('A tool crashed.'), task_id: z.string(), reason: z.string() });

/** What is known of the plugin that is being worked on, and who wants to know. */
export class DevBoard {
  /** Without it nobody is told anything. */
  key = '';
  /** What the platform logs: crashes of the plugin are for its author, the rest for the terminal. */
  readonly log = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      this.read(String(chunk));
      done();
    },
  });
  private readonly listeners = new Set<(news: News) => void>();
  private app: NestFastifyApplication | undefined;
  private standing: Standing | undefined;
  private readonly opening = Promise.withResolvers<void>();
  private work = this.opening.promise;

  /** @param folder absolute path of the plugin */
  constructor(
    private readonly folder: string,
    private readonly print: (line: string) => void,
  ) {}

  attach(app: NestFastifyApplication): void {
    this.app = app;
  }

  /** Tells how the plugin stands, and from then on all that is new. Answers how to leave. */
  listen(listener: (news: News) => void): () => void {
    this.listeners.add(listener);
    if (this.standing) listener({ type: 'plugin', standing: this.standing });
    return () => this.listeners.delete(listener);
  }

  /** The platform is open: from now on it can be asked. */
  async open(began: number): Promise<void> {
    await this.look(began);
    this.opening.resolve();
  }

  /** Has the platform find the plugin anew, as often as it is saved, one after the other. */
  async reload(): Promise<void> {
    const before = this.work;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.work = promise;
    await before;
    try {
      const began = performance.now();
      await this.app?.get(ToolRegistry).reload();
      await this.look(began);
    } finally {
      resolve();
    }
  }

  /** @param began when it was saved, or the platform was started */
  private async look(began: number): Promise<void> {
    const { title, tools, faults } = await this.find();
    this.standing = { title, tools, faults, took_ms: Math.round(performance.now() - began) };
    for (const { file, line, reason } of faults)
      this.print([file, line].filter((word) => word !== null).join(':') + `  ${reason}`);
    if (faults.length === 0) this.print(`Loaded: ${tools.join(', ')} (${this.standing.took_ms} ms)`);
    this.tell({ type: 'plugin', standing: this.standing });
  }

  private async find(): Promise<Omit<Standing, 'took_ms'>> {
    const title = basename(this.folder);
    const found = await loadPlugin(dirname(this.folder), title);
    if ('reason' in found)
      return { title, tools: [], faults: [{ file: null, line: null, reason: `It ${found.reason}.` }] };
    const own =
      this.app
        ?.get(ToolRegistry)
        .list()
        .filter(({ plugin }) => plugin.directory === found.code.directory) ?? [];
    const usable = own.filter(({ unavailableReason }) => unavailableReason === undefined).map(({ name }) => name);
    // Those of another plugin that is here, too, keep their names.
    const isWhole = own.length === usable.length && own.length === found.code.tools.length;
    return { title, tools: usable, faults: isWhole ? [] : await this.faultsOf(found.code) };
  }

  /** The registry keeps the reasons only; here it matters where. */
  private async faultsOf(code: Parameters<Sandbox['describe']>[0]): Promise<Fault[]> {
    const { tools, faults } = (await this.app?.get(Sandbox).describe(code)) ?? { tools: [], faults: [] };
    const registry = this.app?.get(ToolRegistry);
    const kept = tools.flatMap(({ name, file }) => {
      const tool = registry?.find(name);
      if (tool?.plugin.directory !== code.directory)
        return [{ file, line: null, reason: `Another plugin has a tool called ${name}.` }];
      return tool.unavailableReason === undefined ? [] : [{ file, line: null, reason: tool.unavailableReason }];
    });
    return [...faults.map(({ file, place, reason }) => ({ line: null, file, ...place, reason })), ...kept];
  }

  private read(lines: string): void {
    for (const line of lines.split('\n').filter((text) => text !== '')) {
      const crash = crashSchema.safeParse(JSON.parse(line));
      if (crash.success) this.tellCrash(crash.data);
    }
  }

  private tellCrash({ task_id, reason }: z.output<typeof crashSchema>): void {
    const shown = reason.replaceAll('file://', '').replaceAll(`${this.folder}/`, '');
    this.print(shown);
    this.tell({ type: 'crash', task_id, reason: shown });
  }

  private tell(news: News): void {
    for (const listener of this.listeners) listener(news);
  }
}
