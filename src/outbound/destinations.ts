import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import { type AllowedHost, parseAllowedHosts } from '../config/outbound-hosts.js';
import { Problem } from '../errors/problem.js';
import { isPublicAddress } from './public.address.js';
import { Resolver } from './resolver.js';

const USUAL_PORTS: ReadonlySet<number> = new Set([80, 443]);
/** Below are mail, remote shells, directories and the like, which something that looks like HTTP can upset. */
const FIRST_FREE_PORT = 1_024;
const RESOLVE_MS = 5_000;

/** Where a request may go: a URL, and the only addresses to which a connection may be made for it. */
export interface Destination {
  readonly url: URL;
  readonly addresses: readonly LookupAddress[];
}

/** Decides where requests of the platform may go: to the public internet, and to the hosts of OUTBOUND_ALLOW. */
@Injectable()
export class Destinations {
  private readonly allowed: readonly AllowedHost[];

  constructor(
    config: Config,
    private readonly resolver: Resolver,
  ) {
    this.allowed = parseAllowedHosts(config.OUTBOUND_ALLOW ?? '') ?? [];
  }

  /**
   * What can be told without asking for the addresses of a name.
   *
   * @param also hosts that are allowed for this request, beside those of OUTBOUND_ALLOW
   *
   * @throws Problem `address_not_allowed`
   */
  check(text: string, also: readonly AllowedHost[] = []): URL {
    const url = URL.parse(text);
    if (!url || !/^https?:$/.test(url.protocol))
      throw refused('The address must be a URL that begins with http:// or https://.');
    if (url.username !== '' || url.password !== '') throw refused('The URL must not have a user name or a password.');
    if (url.hash !== '') throw refused('The URL must not have a fragment, the part after #.');
    if (this.isAllowed(url, also)) return url;
    const port = portOf(url);
    if (!USUAL_PORTS.has(port) && port < FIRST_FREE_PORT)
      throw refused(`The port ${port} is not allowed: it must be 80, 443, or above ${FIRST_FREE_PORT - 1}.`);
    if (isIP(hostOf(url)) > 0 && !isPublicAddress(hostOf(url))) throw notPublic();
    return url;
  }

  /**
   * Asks once for the addresses of the name, and lets it pass only when each of them is allowed: which one a connection
   * would take is nobody's to know.
   *
   * @throws Problem `address_not_allowed`, or `remote_failed` when the name has no address
   */
  async resolve(text: string, also: readonly AllowedHost[] = []): Promise<Destination> {
    const url = this.check(text, also);
    const addresses = await this.addresses(hostOf(url));
    if (!this.isAllowed(url, also) && !addresses.every(({ address }) => isPublicAddress(address))) throw notPublic();
    return { url, addresses };
  }

  private isAllowed(url: URL, also: readonly AllowedHost[]): boolean {
    return [...this.allowed, ...also].some(
      ({ host, port }) => host === url.hostname && (port ?? portOf(url)) === portOf(url),
    );
  }

  private async addresses(host: string): Promise<LookupAddress[]> {
    const family = isIP(host);
    if (family > 0) return [{ address: host, family }];
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error('The name was not resolved in time.')), RESOLVE_MS);
    try {
      const found = await Promise.race([this.resolver.addresses(host), late.promise]);
      if (found.length > 0) return found;
      throw new Error('The name has no address.');
    } catch (cause) {
      throw new Problem('remote_failed', `The address of ${host} cannot be found.`, { cause });
    } finally {
      clearTimeout(timer);
    }
  }
}

function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}

/** Without the brackets of an IPv6 address. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function refused(message: string): Problem {
  return new Problem('address_not_allowed', message);
}

/** It does not say which address the name has: that may be a secret of the network. */
function notPublic(): Problem {
  return refused('The host is not one of the public internet. An operator can allow it with OUTBOUND_ALLOW.');
}
