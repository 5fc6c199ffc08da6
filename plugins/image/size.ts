/** Pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Target {
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly fit: 'inside' | 'outside' | 'cover' | 'contain' | 'fill';
  readonly enlarge: boolean;
}

/** How large the image gets on its way to the target: scaled, padded, not yet cropped. Computed before the work. */
export function largestSize(image: Size, target: Target): Size {
  const [horizontal, vertical] = factors(image, target);
  const limit = target.enlarge ? Infinity : 1;
  const scaled = {
    width: image.width * Math.min(horizontal, limit),
    height: image.height * Math.min(vertical, limit),
  };
  if (target.fit !== 'contain') return scaled;
  return {
    width: Math.max(scaled.width, target.width ?? 0),
    height: Math.max(scaled.height, target.height ?? 0),
  };
}

/** By how much each side grows. Two sides that are given agree only in `fill`; one that is not follows the other. */
function factors(image: Size, { width, height, fit }: Target): [horizontal: number, vertical: number] {
  if (width === undefined && height === undefined) return [1, 1];
  const horizontal = (width ?? Infinity) / image.width;
  const vertical = (height ?? Infinity) / image.height;
  const given = width !== undefined && height !== undefined;
  if (given && fit === 'fill') return [horizontal, vertical];
  const beyond = given && (fit === 'outside' || fit === 'cover');
  const factor = beyond ? Math.max(horizontal, vertical) : Math.min(horizontal, vertical);
  return [factor, factor];
}
