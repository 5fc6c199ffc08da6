import type { PluginCode } from '../../../src/sandbox/plugin.code.js';
import { pluginNamed, pluginOf } from '../sandbox.harness.js';

/** A plugin whose tools are declared, from the texts of their files. */
export async function declaredPlugin(
  directory: string,
  files: Readonly<Record<string, string>>,
  permissions: Partial<PluginCode['permissions']> = {},
): Promise<PluginCode> {
  const plugin = await pluginOf(directory, files);
  return { ...plugin, hash: JSON.stringify(files), permissions: pluginNamed('good', permissions).permissions };
}

/** What each declaration of a test begins with. */
export function head(kind: 'command' | 'remote', name: string): string {
  return `kind: ${kind}
name: ${name}
title: Made for a test
description: Does what the test wants.
input_formats: ['*/*']
output_formats: [text/plain]
`;
}
