import { existsSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'].filter((path) => existsSync(path));

/**
 * Bytes of a loopback connection that wait in the buffers of the kernel: sent and not yet acknowledged on our side, or
 * received and not yet read on theirs. While an acknowledgement is under way (at most 40 ms) some are counted twice; zero
 * is always exact. Undefined where the system does not tell (only Linux does), and once the other side has closed.
 */
export function bytesInKernel({ localPort: ours, remotePort: theirs }: Socket): number | undefined {
  const rows = TABLES.flatMap(readTable);
  const near = rows.find(({ local, remote }) => local === ours && remote === theirs);
  const far = rows.find(({ local, remote }) => local === theirs && remote === ours);
  return near && far && near.unsent + far.unread;
}

interface Row {
  readonly local: number;
  readonly remote: number;
  readonly unsent: number;
  readonly unread: number;
}

/** See proc_net_tcp in the documentation of Linux; all figures are hexadecimal. */
function readTable(path: string): Row[] {
  const [, ...lines] = readFileSync(path, 'ascii').trimEnd().split('\n');
  return lines.map((line) => {
    const [, local = '', remote = '', , queues = ''] = line.trim().split(/\s+/);
    const [unsent, unread] = queues.split(':').map((figure) => Number.parseInt(figure, 16));
    return { local: port(local), remote: port(remote), unsent: unsent ?? 0, unread: unread ?? 0 };
  });
}

function port(address: string): number {
  return Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 16);
}
