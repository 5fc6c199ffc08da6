/** Why a tool cannot be used, as a plain sentence. */
export class ToolFault extends Error {
  override readonly name = 'ToolFault';
}
