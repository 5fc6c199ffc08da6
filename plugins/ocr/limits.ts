/** Pages, or pictures in one file, of one run. */
export const MAX_PAGES = 500;

/** Width × height of a picture or of a drawn page. Checked before any pixel is. */
export const MAX_PIXELS = 50_000_000;

/** Pages at the same time. Each holds up to 400 MiB while it is read. */
export const MAX_PARALLEL = 4;
