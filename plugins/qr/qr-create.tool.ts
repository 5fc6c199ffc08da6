import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeQR } from 'qr';
import { BaseTool, ToolError, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { greyPicture } from './pictures.ts';

/** The largest code holds so many bytes, and less the more damage it must bear. */
const MOST_BYTES = 2_953;

const options = z.strictObject({
  text: z.string().min(1).max(MOST_BYTES).describe('What the code says: an address, a text, anything.'),
  format: z.enum(['svg', 'png']).default('svg').describe('Format of the picture. SVG is sharp at any size.'),
  correction: z
    .enum(['low', 'medium', 'quartile', 'high'])
    .default('medium')
    .describe('How much of the code may be damaged or covered: 7, 15, 25 or 30 percent.'),
  scale: z.int().min(1).max(20).default(8).describe('Pixels of each square of a PNG.'),
  border: z.int().min(0).max(20).default(4).describe('Squares that stay white around the code. Readers want 4.'),
});

type Options = z.output<typeof options>;

export default class QrCreate extends BaseTool<typeof options> {
  readonly name = 'qr-create';
  readonly title = 'Make a QR code';
  readonly description = 'Draws a QR code of a text, as SVG or PNG.';
  override readonly category = 'image';
  override readonly keywords = ['barcode', 'link', 'url', 'code', '2d'];
  readonly inputFormats = [];
  readonly outputFormats = ['image/svg+xml', 'image/png'];
  readonly options = options;
  override readonly limits = { totalMs: 30_000, maxInputs: 0, memoryMb: 384, maxOutputBytes: 64 * 1024 ** 2 };
  override readonly deterministic = true;

  async process({ options, workspace }: ToolRun<Options>): Promise<ToolResult> {
    const { format, border, scale } = options;
    const squares = drawn(options);
    const path = join(workspace, 'code');
    if (format === 'svg') await writeFile(path, svgOf(squares, border));
    else await writePng(path, squares, border, scale);
    return { outputs: [{ path, name: `qr-code.${format}` }], data: { squares: squares.length } };
  }
}

/** Rows of squares, dark or not, without a border. */
function drawn({ text, correction }: Options): boolean[][] {
  if (Buffer.byteLength(text) > MOST_BYTES) throw tooLong();
  try {
    // The least border that the library draws is taken off again.
    const rows = encodeQR(text, 'raw', { ecc: correction, border: 1 });
    return rows.slice(1, -1).map((row) => row.slice(1, -1));
  } catch (error) {
    if (/capacity|too (?:big|long|large)|overflow|version/i.test(String(Object(error).message))) throw tooLong();
    throw error;
  }
}

function tooLong(): ToolError {
  return new ToolError('text_too_long', 'The text is too long for a QR code. With less correction more fits.');
}

/** One path: each run of dark squares of a row is a rectangle. */
function svgOf(squares: readonly boolean[][], border: number): string {
  const side = squares.length + 2 * border;
  const path = squares.flatMap((row, y) =>
    runsOf(row).map(([x, width]) => `M${x + border} ${y + border}h${width}v1h-${width}z`),
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${side}v${side}H0z"/><path d="${path.join('')}"/></svg>\n`
  );
}

function runsOf(row: readonly boolean[]): [start: number, length: number][] {
  const runs: [number, number][] = [];
  for (const [x, isDark] of row.entries()) {
    const last = runs.at(-1);
    if (!isDark) continue;
    if (last && last[0] + last[1] === x) last[1] += 1;
    else runs.push([x, 1]);
  }
  return runs;
}

async function writePng(path: string, squares: readonly boolean[][], border: number, scale: number): Promise<void> {
  const side = squares.length + 2 * border;
  const bytes = Buffer.alloc(side * side, 255);
  for (const [y, row] of squares.entries()) {
    for (const [x, isDark] of row.entries()) if (isDark) bytes[(y + border) * side + x + border] = 0;
  }
  await greyPicture(bytes, side)
    .resize(side * scale, side * scale, { kernel: 'nearest' })
    .png({ palette: true, colours: 2 })
    .toFile(path);
}
