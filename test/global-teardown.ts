import { endDescriptions } from './known.descriptions.ts';
import { stopSharedServers } from './servers/shared-servers.ts';

export default async function tearDown(): Promise<void> {
  await stopSharedServers();
  await endDescriptions();
}
