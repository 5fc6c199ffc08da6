import { fileURLToPath } from 'node:url';

/** The directory of the plugins that come with Toolyard. */
export const BUNDLED = fileURLToPath(new URL('../../plugins', import.meta.url));
