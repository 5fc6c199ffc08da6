import { beginDescriptions } from './known.descriptions.ts';
import { startSharedServers } from './servers/shared-servers.ts';

export default async function setUp(): Promise<void> {
  await beginDescriptions();
  await startSharedServers();
}
