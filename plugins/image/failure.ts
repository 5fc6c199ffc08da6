import { ToolError, type ToolRun } from 'toolyard/sdk';

/** The machine is at fault and not the image: a crash, to be tried again. */
const MACHINE = /: write error|unable to open for write|Input file is missing|out of memory|cannot allocate/i;

/** A piece of a TIFF, whose table of contents comes last, looks like nothing at all. */
export const NOT_AN_IMAGE = 'The file is not a JPEG, PNG, WebP, AVIF, TIFF or GIF image, or only a piece of one.';

/** What of a run concerns those who wait for sharp. */
export type Watched = Pick<ToolRun<unknown>, 'log' | 'signal'>;

/** What sharp says, and what the user hears. The first that fits. */
const SENTENCES = [
  [/exceeds pixel limit/, 'image_too_large', 'The image has more than 50 megapixels, all its frames counted.'],
  [/too large for the .+ format/, 'image_too_large', 'The new image would be wider or higher than its format allows.'],
  [/no text to render/, 'text_blank', 'The text has nothing that can be seen.'],
  [/unsupported image format/, 'image_unreadable', NOT_AN_IMAGE],
  [/./, 'image_unreadable', 'The image is damaged or incomplete, or uses a feature that cannot be read.'],
] as const;

/** Waits for sharp. Its errors name paths and internals: they go to the log, and the user gets a ToolError. */
export async function explained<Result>(work: Promise<Result>, { log, signal }: Watched): Promise<Result> {
  try {
    return await untilAborted(work, signal);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const sentence = SENTENCES.find(([pattern]) => pattern.test(text));
    if (signal.aborted || MACHINE.test(text) || sentence === undefined) throw error;
    log.warn(text.replaceAll(/(?<=^|\s)\/\S+/g, 'the file'));
    throw new ToolError(sentence[1], sentence[2]);
  }
}

/** The library cannot be stopped; but nobody waits for it any more, and its process is ended. */
function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', stop));
}
