import { z } from 'zod';
import { isRange } from './host.range.js';

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

const packages = z.record(z.string(), z.string()).default({});

/** The package.json of a plugin. */
export const manifestSchema = z.object({
  name: z
    .string()
    .max(100)
    .regex(/^(@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*$/, 'must be the name of a package'),
  version: z
    .string()
    .max(64)
    .regex(/^\d+\.\d+\.\d+(-[\w.]+)?$/, 'must be a version such as 1.2.3'),
  files: z.array(z.string().min(1)).max(1_000).optional(),
  scripts: z.record(z.string(), z.string()).default({}),
  dependencies: packages,
  optionalDependencies: packages,
  bundleDependencies: z.union([z.array(z.string()), z.boolean()]).optional(),
  bundledDependencies: z.union([z.array(z.string()), z.boolean()]).optional(),
  toolyard: z.strictObject({
    title: z.string().max(80).optional().describe('What people call it.'),
    host: z
      .string()
      .max(100)
      .refine(isRange, 'must be a range of versions such as >=0.1')
      .optional()
      .describe('The versions of Toolyard for which it is made.'),
    permissions: permissionsSchema.prefault({}),
  }),
});

export type Permissions = z.output<typeof permissionsSchema>;
export type Manifest = z.output<typeof manifestSchema>;
