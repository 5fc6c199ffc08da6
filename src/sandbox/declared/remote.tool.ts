import { BaseTool, DEFAULT_LIMITS, type ToolResult, type ToolRun } from '../../sdk/index.js';
import { optionsSchema } from './declaration.options.js';
import type { RemoteDeclaration } from './declaration.schema.js';
import { limitsOf } from './declared.limits.js';
import { RemoteFault } from './remote.fault.js';
import { RemoteRun } from './remote.run.js';
import { RemoteService } from './remote.service.js';

/**
 * A tool whose work is done by a service. Its results are never cached: a service can change, and nobody here would
 * notice.
 */
export class RemoteTool extends BaseTool {
  readonly name = this.declaration.name;
  readonly title = this.declaration.title;
  readonly description = this.declaration.description;
  override readonly category = this.declaration.category;
  override readonly keywords = this.declaration.keywords;
  override readonly stage = this.declaration.stage;
  readonly inputFormats = this.declaration.input_formats;
  readonly outputFormats = this.declaration.output_formats;
  override readonly limits = limitsOf(this.declaration);
  readonly options = optionsSchema(this.declaration.options);

  constructor(readonly declaration: RemoteDeclaration) {
    super();
  }

  async process(run: ToolRun): Promise<ToolResult> {
    const { url, name } = this.declaration;
    const headers = { 'user-agent': 'Toolyard', 'x-request-id': run.id, ...this.authorization() };
    const mostBytes = this.limits.maxOutputBytes ?? DEFAULT_LIMITS.maxOutputBytes;
    return new RemoteRun(new RemoteService(url, headers), run, mostBytes).perform(name);
  }

  private authorization(): Record<string, string> {
    const { secret } = this.declaration;
    if (secret === undefined) return {};
    // What this process was given of the environment is what the manifest names.
    const value = process.env[secret];
    if (!value) throw new RemoteFault(`The service of the tool cannot be asked, because ${secret} is not set.`);
    return { authorization: `Bearer ${value}` };
  }
}
