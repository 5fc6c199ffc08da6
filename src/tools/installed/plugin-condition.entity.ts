import { defineEntity, type InferEntity, p } from '@mikro-orm/core';

export const CONDITIONS = ['enabled', 'disabled', 'quarantined'] as const;

/** Stands for a plugin whatever its content is. */
export const ANY_CONTENT = '';

/** Whether a plugin may be used: switched off by an admin whatever its content is, or shut away with one content. */
export const PluginCondition = defineEntity({
  name: 'PluginCondition',
  tableName: 'plugin_condition',
  properties: {
    plugin: p.string().primary(),
    hash: p.string().primary(),
    status: p.enum(CONDITIONS),
    /** Tasks in a row that ended with a crash. */
    crashes: p.integer(),
    /** The last of them, which is counted once however often it is tried. */
    lastTask: p.string().nullable(),
    reason: p.string().nullable(),
    changedAt: p.datetime(),
  },
});

export type PluginCondition = InferEntity<typeof PluginCondition>;
