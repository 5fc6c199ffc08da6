import { readFile } from 'node:fs/promises';
import {
  concatTransformationMatrix,
  drawObject,
  type PDFDocument,
  type PDFRef,
  PDFRawStream,
  popGraphicsState,
  pushGraphicsState,
} from '@cantoo/pdf-lib';
import type { InputFile, ToolRun } from 'toolyard/sdk';
import { explained, type OpenPicture, openPicture } from './decoders.ts';
import type { Size } from './page-sizes.ts';

/** A picture as PDF stores it. */
interface Stored {
  readonly bytes: Uint8Array;
  readonly dictionary: Readonly<Record<string, string | number | Record<string, number>>>;
  /** Pixels, as shown. */
  readonly size: Size;
  /** How it must be turned or mirrored to be upright: a value of the Exif tag 274. */
  readonly orientation: number;
}

/** Points of a box on a page. */
export interface Box extends Size {
  readonly x: number;
  readonly y: number;
}

/** A JPEG goes into the document as it is; everything else without loss, on white. */
export async function storePicture(input: InputFile, run: ToolRun): Promise<Stored> {
  const picture = await openPicture(input, run);
  const { format, channels, isProgressive: progressive } = picture.header;
  const fits = format === 'jpeg' && (channels === 1 || channels === 3) && !progressive;
  return fits ? storeJpeg(input, picture, run) : storeAsPng(input, picture, run);
}

async function storeJpeg(input: InputFile, { image, header }: OpenPicture, run: ToolRun): Promise<Stored> {
  // What is cut off is found here, and not by whoever opens the document.
  await explained(image.stats(), input.name, run);
  const { width, height, channels, orientation = 1 } = header;
  const colours = channels === 1 ? 'DeviceGray' : 'DeviceRGB';
  return {
    bytes: await readFile(input.path),
    dictionary: imageDictionary({ width, height }, colours, 8, { Filter: 'DCTDecode' }),
    size: header.autoOrient,
    orientation,
  };
}

/** What a PNG has inside is, byte for byte, what PDF calls Flate with a predictor. */
async function storeAsPng(input: InputFile, { image }: OpenPicture, run: ToolRun): Promise<Stored> {
  const upright = image.autoOrient().flatten({ background: 'white' }).toColourspace('srgb');
  const png = await explained(upright.png({ compressionLevel: 6 }).toBuffer(), input.name, run);
  const [width, height, bits] = [png.readUInt32BE(16), png.readUInt32BE(20), png[24] ?? 8];
  const gray = png[25] === 0;
  const predictor = { Predictor: 15, Colors: gray ? 1 : 3, BitsPerComponent: bits, Columns: width };
  return {
    bytes: Buffer.concat(pngData(png)),
    dictionary: imageDictionary({ width, height }, gray ? 'DeviceGray' : 'DeviceRGB', bits, {
      Filter: 'FlateDecode',
      DecodeParms: predictor,
    }),
    size: { width, height },
    orientation: 1,
  };
}

function imageDictionary(
  { width, height }: Size,
  colours: string,
  bits: number,
  filter: Stored['dictionary'],
): Stored['dictionary'] {
  return {
    Type: 'XObject',
    Subtype: 'Image',
    Width: width,
    Height: height,
    ColorSpace: colours,
    BitsPerComponent: bits,
    ...filter,
  };
}

/** The chunks called IDAT. The library that wrote the file can be trusted. */
function pngData(png: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') found.push(png.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  return found;
}

/** How each orientation is undone: what the unit square of the picture becomes in a box of that size. */
const UPRIGHT: Readonly<Record<number, (w: number, h: number) => [number, number, number, number, number, number]>> = {
  2: (w, h) => [-w, 0, 0, h, w, 0],
  3: (w, h) => [-w, 0, 0, -h, w, h],
  4: (w, h) => [w, 0, 0, -h, 0, h],
  5: (w, h) => [0, -h, -w, 0, w, h],
  6: (w, h) => [0, -h, w, 0, 0, h],
  7: (w, h) => [0, h, w, 0, 0, 0],
  8: (w, h) => [0, h, -w, 0, w, 0],
};

/** Adds a page of that size, with the picture in a box on it. */
export function addPicturePage(document: PDFDocument, picture: Stored, page: Size, box: Box): void {
  const { bytes, dictionary, orientation } = picture;
  const stream = PDFRawStream.of(document.context.obj(dictionary), bytes);
  const image: PDFRef = document.context.register(stream);
  const sheet = document.addPage([page.width, page.height]);
  const name = sheet.node.newXObject('Image', image);
  const [a, b, c, d, e, f] = UPRIGHT[orientation]?.(box.width, box.height) ?? [box.width, 0, 0, box.height, 0, 0];
  sheet.pushOperators(
    pushGraphicsState(),
    concatTransformationMatrix(a, b, c, d, box.x + e, box.y + f),
    drawObject(name),
    popGraphicsState(),
  );
}
