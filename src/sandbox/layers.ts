/**
 * What stands between a plugin and the machine, besides a process of its own, which it always has.
 * `limits`: memory, processor time, files and processes are bounded. `permission`: Node refuses what the manifest does
 * not name. `namespaces`: the process sees nothing but what is its own, whatever code it runs (bubblewrap).
 */
export const LAYERS = ['limits', 'permission', 'namespaces'] as const;

export type Layer = (typeof LAYERS)[number];

export type SandboxMode = 'off' | 'process' | 'permission' | 'auto' | 'strict';

/** The layers that are asked for. Where this machine does not have one, `strict` refuses to start. */
export const WANTED: Readonly<Record<SandboxMode, readonly Layer[]>> = {
  off: [],
  process: ['limits'],
  permission: ['limits', 'permission'],
  auto: LAYERS,
  strict: LAYERS,
};

/** How a child is walled in. */
export interface Walls {
  /** Whether runs are watched and held to their limits. */
  readonly watched: boolean;
  /** Absolute path of prlimit(1). Undefined: what nobody watches is not limited. */
  readonly prlimit?: string | undefined;
  /** Whether Node's permissions are on. */
  readonly permission: boolean;
  /** Absolute path of bwrap(1). Undefined: no namespaces. */
  readonly bwrap?: string | undefined;
}

/** Why a layer that was asked for is not there, in words without paths. */
export type Missing = Partial<Record<Layer, string>>;

export interface Finding {
  readonly mode: SandboxMode;
  readonly layers: readonly Layer[];
  readonly missing: Missing;
}
