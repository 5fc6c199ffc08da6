import type { Permissions } from './plugin.manifest.js';

const LISTS = ['net', 'exec', 'env'] as const;

/** What a plugin asks for in words such as `exec qpdf`, in order. */
export function permissionWords(permissions: Permissions): string[] {
  const words = LISTS.flatMap((kind) => permissions[kind].map((name) => `${kind} ${name}`));
  return [...words, ...(permissions.addons ? ['addons'] : [])].toSorted();
}

export interface PermissionChanges {
  /** What it did not ask for before. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** @param before undefined: nothing was approved before */
export function permissionChanges(before: Permissions | undefined, now: Permissions): PermissionChanges {
  const [old, wanted] = [before ? permissionWords(before) : [], permissionWords(now)];
  return {
    added: wanted.filter((word) => !old.includes(word)),
    removed: old.filter((word) => !wanted.includes(word)),
  };
}

/** Whether both ask for the same, in whatever order they say it. */
export function samePermissions(one: Permissions, other: Permissions): boolean {
  return JSON.stringify(permissionWords(one)) === JSON.stringify(permissionWords(other));
}
