import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BaseTool, z, type OutputFile, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { explained } from './failure.ts';
import { type Pixels, pixelsOf, still } from './frames.ts';
import { ico } from './ico.ts';
import { colour } from './options.ts';
import { firstInput, INPUT_TYPES, readPicture, upright } from './picture.ts';

const CLEAR = '#00000000';
/** The largest that is made; the picture is decoded once, at this size. */
const LARGEST = 512;
const ICO_SIDES = [16, 32, 48];

const options = z.strictObject({
  name: z.string().min(1).max(100).default('Website').describe('Name of the site, for the manifest.'),
  theme_color: colour.default('#ffffff').describe('Colour that browsers paint around the site, for the manifest.'),
  background: colour
    .default('#ffffff')
    .describe('Colour behind the picture where a system wants no transparency, and of the start screen.'),
  padding: z.int().min(0).max(40).default(0).describe('Per cent of each side that stay free around the picture.'),
});

type Options = z.output<typeof options>;

export default class ImageFavicon extends BaseTool<typeof options> {
  readonly name = 'image-favicon';
  readonly title = 'Make a favicon';
  readonly description =
    'Makes all icons that a site needs of one image: favicon.ico, PNG for browsers, telephones and installed sites, the manifest, and the lines for the page. ' +
    'What is not square is padded.';
  override readonly category = 'image';
  override readonly keywords = ['icon', 'ico', 'website', 'apple touch icon', 'manifest', 'pwa'];
  readonly inputFormats = INPUT_TYPES;
  readonly outputFormats = ['image/x-icon', 'image/vnd.microsoft.icon', 'image/png', 'application/json'];
  readonly options = options;
  override readonly limits = { memoryMb: 1024, maxInputs: 1, totalMs: 120_000 };
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const { options } = run;
    const picture = await readPicture(firstInput(run.inputs), false, run);
    if (Math.min(picture.width, picture.height) < LARGEST) run.log.warn('The image is smaller than the largest icon.');
    run.progress(0.1, 'Shrinking');
    const square = await pixelsOf(
      run,
      upright(picture).resize({ ...both(LARGEST), fit: 'contain', background: CLEAR }),
    );

    const draw = (side: number, behind?: string) => icon(run, square, side, behind);
    const outputs = [
      await output(
        run,
        'favicon.ico',
        ico(await Promise.all(ICO_SIDES.map(async (side) => ({ side, png: await draw(side) })))),
      ),
      await output(run, 'icon-32.png', await draw(32)),
      await output(run, 'apple-touch-icon.png', await draw(180, options.background)),
      await output(run, 'icon-192.png', await draw(192)),
      await output(run, 'icon-512.png', await draw(512)),
      await output(run, 'manifest.webmanifest', Buffer.from(manifest(options))),
    ];
    return { outputs, data: { html: HTML } };
  }
}

/** What stands in the head of the page. */
const HTML = [
  '<link rel="icon" href="/favicon.ico" sizes="any">',
  '<link rel="icon" type="image/png" href="/icon-32.png" sizes="32x32">',
  '<link rel="apple-touch-icon" href="/apple-touch-icon.png">',
  '<link rel="manifest" href="/manifest.webmanifest">',
].join('\n');

async function icon(run: ToolRun<Options>, square: Pixels, side: number, behind?: string): Promise<Buffer> {
  run.signal.throwIfAborted();
  const free = Math.round((side * run.options.padding) / 100);
  const inner = Math.max(1, side - 2 * free);
  const edge = { top: free, left: free, bottom: side - inner - free, right: side - inner - free, background: CLEAR };
  const image = still(await pixelsOf(run, still(square).resize(both(inner)))).extend(edge);
  // What is flattened in the same breath is so before it is extended.
  const whole = still(await pixelsOf(run, image));
  return explained(
    (behind ? whole.flatten({ background: behind }) : whole).png({ compressionLevel: 9 }).toBuffer(),
    run,
  );
}

async function output(run: ToolRun<Options>, name: string, bytes: Buffer): Promise<OutputFile> {
  const path = join(run.workspace, name);
  await writeFile(path, bytes);
  return { path };
}

/** W3C Web Application Manifest. */
function manifest({ name, theme_color, background }: Options): string {
  const icons = [192, 512].map((side) => ({ src: `/icon-${side}.png`, sizes: `${side}x${side}`, type: 'image/png' }));
  const site = {
    name,
    short_name: name,
    start_url: '/',
    display: 'standalone',
    theme_color,
    background_color: background,
  };
  return `${JSON.stringify({ ...site, icons }, undefined, 2)}\n`;
}

function both(side: number): { width: number; height: number } {
  return { width: side, height: side };
}
