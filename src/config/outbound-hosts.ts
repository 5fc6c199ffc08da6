/** A host of OUTBOUND_ALLOW, as URLs spell it, and the port when only one is meant. */
export interface AllowedHost {
  readonly host: string;
  readonly port: number | undefined;
}

/** The hosts in the text of OUTBOUND_ALLOW; undefined when one of them is not a host. */
export function parseAllowedHosts(text: string): AllowedHost[] | undefined {
  const hosts = text.split(',').map((entry) => allowedHost(entry.trim()));
  return hosts.every((host) => host !== undefined) ? hosts : undefined;
}

export function areAllowedHosts(text: string): boolean {
  return parseAllowedHosts(text) !== undefined;
}

function allowedHost(entry: string): AllowedHost | undefined {
  const [, name = '', port] = /^(\[[\da-f:.]+\]|[\w.-]+)(?::(\d+))?$/i.exec(entry) ?? [];
  const url = `http://${name}:${port ?? 80}/`;
  if (name === '' || !URL.canParse(url)) return undefined;
  return { host: new URL(url).hostname, port: port === undefined ? undefined : Number(port) };
}
