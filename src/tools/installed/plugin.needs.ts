/** What still needs a version of a plugin. */
export abstract class PluginNeeds {
  /** How many tasks wait or run that were created with just this version of one of the tools. */
  abstract unfinished(tools: readonly string[], version: string): Promise<number>;
}
