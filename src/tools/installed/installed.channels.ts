import { Channel } from '../../telemetry/channel.js';

/** Plugins were installed, removed, or changed their condition; the rows say how. */
export const pluginsChanged = new Channel<{ readonly plugin: string }>('toolyard:plugins:changed');

/** This process has other tools now, or others that can be used. */
export const toolsChanged = new Channel<object>('toolyard:tools:changed');

/** A plugin was shut away because it crashed too often. */
export const pluginQuarantined = new Channel<{ readonly plugin: string }>('toolyard:plugins:quarantined');

/** A run of a tool came to its end by itself: `well` also when it failed in its own words. */
export interface ToolRan {
  readonly plugin: string;
  /** Of the plugin's content. */
  readonly hash: string;
  readonly task: string;
  readonly ended: 'well' | 'crashed';
}

export const toolRuns = new Channel<ToolRan>('toolyard:tools:ran');

/** Topic of the events between processes. */
export const PLUGINS_CHANGED = 'plugins-changed';
