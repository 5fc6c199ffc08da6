import type { BaseTool } from '../../sdk/index.js';
import type { ToolService } from '../tool.description.js';
import { ARGUMENT_TEXT } from './command.arguments.js';
import { CommandTool } from './command.tool.js';
import { readDeclaration, type ReadDeclaration } from './declaration.js';
import { optionsSchema } from './declaration.options.js';
import { RemoteTool } from './remote.tool.js';

/** A tool, and the service that does its work if there is one. */
export interface DeclaredTool {
  readonly tool: BaseTool;
  readonly service?: ToolService;
}

/** The tool that a `<name>.tool.yaml` declares. @throws ToolFault which names the line and the field */
export async function declaredTool(path: string): Promise<DeclaredTool> {
  const { declaration, fault } = await readDeclaration(path);
  checkDefaults({ declaration, fault });
  if (declaration.kind === 'command') return { tool: new CommandTool(declaration, fault) };
  const { url, secret } = declaration;
  return { tool: new RemoteTool(declaration), service: { url, secret } };
}

/** A default is put in where a value is missing, and nobody looks at it after that. */
function checkDefaults({ declaration, fault }: ReadDeclaration): void {
  const rule = declaration.kind === 'command' ? ARGUMENT_TEXT : undefined;
  for (const [name, option] of Object.entries(declaration.options)) {
    const value = option.default;
    const schema = optionsSchema({ [name]: { ...option, default: undefined, required: true } }, rule);
    if (value !== undefined && !schema.safeParse({ [name]: value }).success)
      throw fault(['options', name, 'default'], 'is not a value that the option may have');
  }
}
