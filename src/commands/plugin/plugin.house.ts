import type { INestApplicationContext } from '@nestjs/common';

/** Opens the house with what plugins need. Loaded late, because it takes a second. */
export async function inPluginHouse<Found>(work: (house: INestApplicationContext) => Promise<Found>): Promise<Found> {
  const [{ inHouse }, { OutboundModule }, { SandboxModule }, { ToolsModule }] = await Promise.all([
    import('../house.js'),
    import('../../outbound/outbound.module.js'),
    import('../../sandbox/sandbox.module.js'),
    import('../../tools/tools.module.js'),
  ]);
  return inHouse(work, [OutboundModule, SandboxModule, ToolsModule.forRoot(false)]);
}

/** Who gives commands on the machine itself needs no account. */
export const OPERATOR = { actorId: null } as const;
