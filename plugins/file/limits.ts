/** No limit of these tools' own: they hold no more than a piece of a file, and MAX_UPLOAD_BYTES comes first. */
export const MAX_INPUT_BYTES = 1024 ** 4;

/** Of a file that is encrypted: as much as fits the time. */
export const MAX_ENCRYPTED_BYTES = 16 * 1024 ** 3;
