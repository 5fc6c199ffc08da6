import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import type { PluginCode } from '../sandbox/plugin.code.js';
import { Sandbox } from '../sandbox/sandbox.js';
import { type Description, descriptionSchema } from '../sandbox/tool.description.js';
import { withUsableOptions } from '../plugins/options/described.options.js';

/** Raised when descriptions are made in another way, so that kept ones are not believed. */
const MAKING = 2;

/** What plugins say of themselves, kept by the hash of their content, so that a start need not ask each of them. */
@Injectable()
export class DescriptionCache {
  private readonly directory: string;

  constructor(
    config: Config,
    private readonly sandbox: Sandbox,
  ) {
    this.directory = join(config.DATA_DIR, 'descriptions');
  }

  async of(plugin: PluginCode): Promise<Description> {
    return (await this.read(plugin)) ?? this.ask(plugin);
  }

  private async ask(plugin: PluginCode): Promise<Description> {
    // What is kept is known to be usable, and need not be tried at each start.
    const description = withUsableOptions(await this.sandbox.describe(plugin));
    if (description.faults.length === 0) await this.write(plugin, description);
    return description;
  }

  private async read(plugin: PluginCode): Promise<Description | undefined> {
    try {
      return descriptionSchema.parse(JSON.parse(await readFile(this.path(plugin), 'utf8')));
    } catch {
      return undefined;
    }
  }

  /** To a temporary name first: several processes may start at once. */
  private async write(plugin: PluginCode, description: Description): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const draft = join(this.directory, `${randomUUID()}.draft`);
    await writeFile(draft, JSON.stringify(description), { mode: 0o600 });
    await rename(draft, this.path(plugin));
  }

  /** The runtime has its part in the answer, so another one is asked anew. */
  private path({ hash, permissions }: PluginCode): string {
    const key = JSON.stringify([MAKING, hash, permissions, process.version]);
    return join(this.directory, `${createHash('sha256').update(key).digest('hex')}.json`);
  }
}
