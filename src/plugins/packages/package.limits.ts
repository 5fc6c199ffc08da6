const MIB = 1024 ** 2;

/** What a package may be, packed and unpacked. Counted on what really comes out, not on what a header says. */
export const PACKAGE_LIMITS = {
  /** Bytes of the tarball. */
  packedBytes: 100 * MIB,
  /** Bytes of all its files. */
  bytes: 256 * MIB,
  fileBytes: 128 * MIB,
  files: 10_000,
  /** Unpacked bytes for each packed one. */
  ratio: 100,
  /** Characters of a path. */
  path: 200,
} as const;
