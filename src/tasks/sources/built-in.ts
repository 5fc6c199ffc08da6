/** What workers do by themselves, without a tool. The name is one that no tool can have. */
export const FILE_IMPORT = { name: 'files.import', version: '1.0.0', deterministic: false } as const;

export function isBuiltIn(tool: string): boolean {
  return tool === FILE_IMPORT.name;
}
