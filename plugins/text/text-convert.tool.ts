import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { readJson, writeJson } from './json.format.ts';
import { MAX_DOCUMENT_BYTES, TEXT_LIMITS } from './limits.ts';
import { refuseDepth, sorted, type Value, withoutOverflow } from './structure.ts';
import { textResult } from './text.result.ts';
import { decoded, encodingOption, sourceOf } from './text.source.ts';
import { readToml, writeToml } from './toml.format.ts';
import { readPieces, readXml } from './xml.reader.ts';
import { layOut } from './xml.layout.ts';
import { writeXml } from './xml.writer.ts';
import { readYaml, writeYaml } from './yaml.format.ts';

const formats = z.enum(['json', 'yaml', 'toml', 'xml']);

const options = z.strictObject({
  from: formats.describe('Format of the document.'),
  to: formats.describe('Format of the result. The same as from only formats the document.'),
  indent: z.int().min(0).max(8).default(2).describe('Spaces for each level; 0 writes JSON and XML in one line.'),
  sort: z.boolean().default(false).describe('Whether members are sorted by their names. From XML to XML nothing is.'),
  encoding: encodingOption,
});

type Options = z.output<typeof options>;
type Run = ToolRun<Options>;

const READERS = { json: readJson, yaml: readYaml, toml: readToml, xml: readXml };
const WRITERS = { json: writeJson, yaml: writeYaml, toml: writeToml, xml: writeXml };

export default class TextConvert extends BaseTool<typeof options> {
  readonly name = 'text-convert';
  readonly title = 'Convert JSON, YAML, TOML, XML';
  readonly description =
    'Turns a document in JSON, YAML, TOML or XML into another of these, or formats it. What the other format cannot hold is ' +
    'refused and never left out, but for comments, which only XML formatted as XML keeps.';
  override readonly category = 'text';
  override readonly keywords = ['json', 'yaml', 'toml', 'xml', 'format', 'pretty', 'minify', 'beautify'];
  readonly inputFormats = [
    'text/*',
    'application/json',
    'application/xml',
    'application/yaml',
    'application/octet-stream',
  ];
  readonly outputFormats = ['application/json', 'application/xml', 'text/plain'];
  readonly options = options;
  override readonly limits = { ...TEXT_LIMITS, memoryMb: 768, maxInputBytes: MAX_DOCUMENT_BYTES };
  override readonly deterministic = true;

  async process(run: Run): Promise<ToolResult> {
    const { bytes, stem } = await sourceOf(run);
    const text = decoded(bytes, run.options.encoding);
    const made = withoutOverflow(() => converted(text, run.options));
    return textResult(run, `${stem}.${run.options.to}`, made);
  }
}

function converted(text: string, { from, to, indent, sort }: Options): string {
  if (from === 'xml' && to === 'xml') return layOut(readPieces(text), indent);
  const value: Value = READERS[from](text);
  refuseDepth(value);
  return WRITERS[to](sort ? sorted(value) : value, indent);
}
