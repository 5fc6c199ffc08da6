import { isIP } from 'node:net';

const PREFIX_BITS: Readonly<Record<number, number>> = { 4: 32, 6: 128 };

/** How many proxies stand before the server, or which addresses and networks (CIDR) they have. */
export type ProxyTrust = number | string[];

/** Whether the text of TRUST_PROXY can be read. */
export function isProxyTrust(text: string): boolean {
  return parseProxyTrust(text) !== undefined;
}

/** What TRUST_PROXY says; undefined when it says nothing that can be read. */
export function parseProxyTrust(text: string): ProxyTrust | undefined {
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  const networks = text.split(',').map((network) => network.trim());
  return networks.every(isNetwork) ? networks : undefined;
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const most = PREFIX_BITS[isIP(address)];
  if (most === undefined || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
}
