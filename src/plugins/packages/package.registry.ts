import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { Outbound, OutboundAnswer } from '../../outbound/outbound.js';
import { PACKAGE_LIMITS } from './package.limits.js';
import { refusedPackage } from './package.refusal.js';

const MOST_DOCUMENT_BYTES = 20_000_000;
const HEAD_MS = 10_000;
const TIMES = { idleMs: 10_000, totalMs: 300_000 };
/** `name`, `@scope/name`, and what stands after `@`: a version or a tag. */
const SPEC = /^(?<name>(?:@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*)(?:@(?<wanted>[\w.-]+))?$/;
/** Also of a package of npm's own making: the strongest hash comes last, and this one is always there. */
const SHA512 = /(?:^|\s)sha512-(?<hash>[A-Za-z0-9+/]{86}==)(?:\s|$)/;

const documentSchema = z.object({
  'dist-tags': z.record(z.string(), z.string()).default({}),
  versions: z.record(z.string(), z.object({ dist: z.object({ tarball: z.url(), integrity: z.string().optional() }) })),
});

/** A tarball that a registry gave, and where it came from, in words. */
export interface FetchedPackage {
  readonly path: string;
  readonly source: string;
}

/** Whether it can be the name of a package, with or without a version. */
export function isPackageName(what: string): boolean {
  return SPEC.test(what);
}

/** A registry of npm packages. Nothing of npm runs: a document is read, and a tarball with the hash that stands in it. */
export class PackageRegistry {
  constructor(
    private readonly outbound: Outbound,
    private readonly url: string,
  ) {}

  /**
   * @param what such as `@acme/hello@1.0.0`; without a version the one that the registry calls latest
   * @param directory where the tarball is to be
   * @throws Problem `plugin_refused`, `remote_failed` or `address_not_allowed`
   */
  async fetch(what: string, directory: string): Promise<FetchedPackage> {
    const { name = '', wanted = 'latest' } = SPEC.exec(what)?.groups ?? {};
    const { versions, 'dist-tags': tags } = await this.document(name);
    const version = tags[wanted] ?? wanted;
    const dist = versions[version]?.dist;
    if (!dist) throw refusedPackage([`The registry has no ${name}@${wanted}.`]);
    const expected = SHA512.exec(dist.integrity ?? '')?.groups?.['hash'];
    if (expected === undefined) throw refusedPackage([`The registry gives no SHA-512 of ${name}@${version}.`]);
    const path = join(directory, 'package.tgz');
    const found = await this.download(dist.tarball, path);
    if (found !== expected)
      throw refusedPackage([`${name}@${version} is not what the registry says: another SHA-512.`]);
    return { path, source: `npm ${name}@${version} sha512-${expected}` };
  }

  private async document(name: string): Promise<z.output<typeof documentSchema>> {
    const base = this.url.endsWith('/') ? this.url : `${this.url}/`;
    const answer = await this.get(new URL(name.replace('/', '%2f'), base).href, MOST_DOCUMENT_BYTES);
    try {
      return documentSchema.parse(JSON.parse(await text(answer.body)));
    } catch (cause) {
      throw refusedPackage([`What the registry says of ${name} cannot be read.`], cause);
    }
  }

  /** Answers the SHA-512 of what came, in base64. */
  private async download(url: string, path: string): Promise<string> {
    const { body } = await this.get(url, PACKAGE_LIMITS.packedBytes);
    const hash = createHash('sha512');
    const hashing = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        done(null, chunk);
      },
    });
    await pipeline(body, hashing, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
    return hash.digest('base64');
  }

  private async get(url: string, maxBytes: number): Promise<OutboundAnswer> {
    const headers = { accept: 'application/vnd.npm.install-v1+json, application/json, */*' };
    const limits = { maxBytes, ...TIMES };
    const answer = await this.outbound.send({ method: 'GET', url, headers, redirects: 3, headMs: HEAD_MS, limits });
    if (answer.status === 200) return answer;
    answer.body.destroy();
    throw refusedPackage([`The registry answered ${answer.status}.`]);
  }
}
