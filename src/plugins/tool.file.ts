/** The files of a plugin's folder that are tools. */
export const TOOL_FILE = /\.tool\.(ts|js|mjs|yaml)$/;

/** What stands before `.tool.ts`: by convention the name of the tool, and the same in the file of its cases. */
export function stemOf(file: string): string {
  return file.replace(/\.tool\.\w+$/, '');
}
