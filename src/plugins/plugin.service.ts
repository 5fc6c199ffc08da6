import { type AllowedHost, parseAllowedHosts } from '../config/outbound-hosts.js';
import { variablesFor } from '../config/config.variables.js';
import type { PluginPermissions } from '../sandbox/plugin.code.js';
import type { ToolService } from '../sandbox/tool.description.js';

/** The hosts that a manifest names under net, as far as they are hosts. */
export function declaredHosts({ net }: Pick<PluginPermissions, 'net'>): AllowedHost[] {
  return net.flatMap((entry) => parseAllowedHosts(entry) ?? []);
}

/**
 * Why the service of a tool may not be asked, in a sentence for the operator; undefined when it may. What the manifest
 * does not name, nobody has approved.
 */
export function refusedService(service: ToolService | undefined, permissions: PluginPermissions): string | undefined {
  if (!service) return undefined;
  const { hostname, host, port, protocol } = new URL(service.url);
  const number = Number(port || (protocol === 'https:' ? 443 : 80));
  const isDeclared = declaredHosts(permissions).some((one) => one.host === hostname && (one.port ?? number) === number);
  if (!isDeclared) return `Its service is at ${host}, which its manifest does not name under net.`;
  const { secret } = service;
  if (secret === undefined) return undefined;
  if (!permissions.env.includes(secret)) return `It needs ${secret}, which its manifest does not name under env.`;
  const isSet = Boolean(variablesFor([secret])[secret]);
  return isSet ? undefined : `It needs the variable ${secret}, which is not set.`;
}
