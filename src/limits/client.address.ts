import { isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';

/** The groups of an IPv6 address that say whose network it is; the others its owner can choose at will. */
const NETWORK_GROUPS = 4;

/**
 * Where a request comes from, as far as it can be counted: an IPv4 address, or the /64 of an IPv6 address. It is that
 * of the connection, unless TRUST_PROXY says whose `X-Forwarded-For` is believed.
 */
export function clientAddress({ ip }: Pick<FastifyRequest, 'ip'>): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  if (mapped !== undefined || !isIPv6(ip)) return mapped ?? ip;
  const canonical = new URL(`http://[${ip.split('%', 1)[0]}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const [first, last] = [groups(head), groups(tail ?? '')];
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length;
  const all = [...first, ...Array.from({ length: zeros }, () => '0'), ...last];
  return `${all.slice(0, NETWORK_GROUPS).join(':')}::/64`;
}

function groups(part: string): string[] {
  return part === '' ? [] : part.split(':');
}
