import type { Sharp } from 'sharp';

/** How an animation is played. */
export interface Animation {
  /** Milliseconds that each frame stays. */
  readonly delay?: number[];
  /** How often it is played; 0 is for ever. */
  readonly loop?: number;
}

interface Format {
  readonly type: string;
  readonly extension: string;
  /** Whether it can hold what is not opaque. */
  readonly transparent: boolean;
  readonly animated: boolean;
  /** @param animation where the pixels do not bring it along; those that cannot be animated ignore it */
  encode(image: Sharp, quality: number | undefined, animation?: Animation): Sharp;
}

/** What images can become. Those without `quality` are written without loss (GIF: with 256 colours). */
export const FORMATS = {
  jpeg: {
    type: 'image/jpeg',
    extension: 'jpg',
    transparent: false,
    animated: false,
    encode: (image, quality = 80) => image.flatten({ background: 'white' }).jpeg({ quality }),
  },
  png: {
    type: 'image/png',
    extension: 'png',
    transparent: true,
    animated: false,
    encode: (image) => image.png(),
  },
  webp: {
    type: 'image/webp',
    extension: 'webp',
    transparent: true,
    animated: true,
    encode: (image, quality = 80, animation = {}) => image.webp({ quality, ...animation }),
  },
  avif: {
    type: 'image/avif',
    extension: 'avif',
    transparent: true,
    animated: false,
    // Effort 4, the library's own choice, takes four times as long for files that are 5 % smaller.
    encode: (image, quality = 50) => image.avif({ quality, effort: 3 }),
  },
  tiff: {
    type: 'image/tiff',
    extension: 'tiff',
    transparent: true,
    animated: false,
    encode: (image) => image.tiff({ compression: 'lzw' }),
  },
  gif: {
    type: 'image/gif',
    extension: 'gif',
    transparent: true,
    animated: true,
    encode: (image, _, animation = {}) => image.gif(animation),
  },
} as const satisfies Record<string, Format>;

export type FormatName = keyof typeof FORMATS;

export const FORMAT_NAMES = ['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif'] as const satisfies readonly FormatName[];

/** Detected types that can be animations. */
export const ANIMATED_TYPES: readonly string[] = Object.values(FORMATS)
  .filter(({ animated }) => animated)
  .map(({ type }) => type);
