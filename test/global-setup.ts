import { beginDescriptions } from './known.descriptions.ts';
import { obtainPrograms } from './servers/programs.ts';
import { startSharedServers } from './servers/shared-servers.ts';

export default async function setUp(): Promise<void> {
  await beginDescriptions();
  await obtainPrograms();
  await startSharedServers();
}
