import { z } from 'zod';

const names = z.array(z.string().min(1)).default([]);

/** What a plugin asks for. Nothing unless declared; known, shown and enforced before any of its code is loaded. */
export const permissionsSchema = z
  .strictObject({
    net: names.describe('Hosts that the tools may reach.'),
    exec: names.describe('Programs that the tools may run.'),
    env: names.describe('Environment variables that the tools may read.'),
    addons: z.boolean().default(false).describe('Whether native addons may be loaded.'),
  })
  .meta({ id: 'Permissions' });

/** The package.json of a plugin. */
export const manifestSchema = z.object({
  name: z.string().regex(/^(@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*$/, 'must be the name of a package'),
  version: z.string().regex(/^\d+\.\d+\.\d+(-[\w.]+)?$/, 'must be a version such as 1.2.3'),
  toolyard: z.strictObject({
    title: z.string().max(80).optional().describe('What people call it.'),
    permissions: permissionsSchema.prefault({}),
  }),
});

export type Permissions = z.output<typeof permissionsSchema>;
export type Manifest = z.output<typeof manifestSchema>;
