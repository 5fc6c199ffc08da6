const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** Files, folders and the like in one archive. */
export const MAX_ENTRIES = 10_000;

/** Files that one task can answer with. */
export const MAX_OUTPUTS = 1_000;

/** Bytes that one archive may become, and one file in it. Counted while they come out, whatever the archive says. */
export const MAX_UNPACKED_BYTES = 2 * GIB;
export const MAX_ENTRY_BYTES = GIB;

/** How many times its own size an archive may become. So little that nobody is hurt by it is never too much. */
export const MAX_RATIO = 100;
export const HARMLESS_BYTES = 16 * MIB;

/** Of one entry: bytes of its path, and folders in it. */
export const MAX_PATH_BYTES = 1_000;
export const MAX_FOLDERS = 50;

/** Bytes of all paths of files that are unpacked: they stand in the answer, which may have a megabyte. */
export const MAX_TOLD_BYTES = 300_000;

/** Of all that a ZIP archive says of its entries. */
export const MAX_DIRECTORY_BYTES = 32 * MIB;

/** Without its 64-bit extension, a ZIP archive counts bytes in 32 bits. */
export const MAX_ZIP_BYTES = 4 * GIB - 1;
