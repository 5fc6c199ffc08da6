/** No limit of these tools' own: they hold no more than a piece of a file, and MAX_UPLOAD_BYTES comes first. */
export const MAX_INPUT_BYTES = 1024 ** 4;
