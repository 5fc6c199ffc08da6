/** What a plugin may reach. It stands in the manifest, because it must be known before any code is loaded. */
export interface PluginPermissions {
  /** Hosts. When there is one, the network is open: nothing here filters by host. */
  readonly net: readonly string[];
  /** Programs, by name. When there is one, the plugin can start any program. */
  readonly exec: readonly string[];
  /** Names of variables that are handed on. */
  readonly env: readonly string[];
  /** Native code. It does not obey the rules about files. */
  readonly addons: boolean;
}

/** The code of one plugin, as the sandbox needs to know it. */
export interface PluginCode {
  readonly name: string;
  /** Hash of the content: another content never runs in a process that was started for this one. */
  readonly hash: string;
  /** Absolute path without symbolic links. */
  readonly directory: string;
  /** Names of the tool files in the directory, such as `resize.tool.ts`. */
  readonly tools: readonly string[];
  readonly permissions: PluginPermissions;
  /** Whether it sees no packages but those in its own directory. Default: also those in the directories above it. */
  readonly isAlone?: boolean;
}
