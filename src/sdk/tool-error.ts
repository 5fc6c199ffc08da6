/**
 * The input is at fault, the message is for the user, and another attempt would end the same way.
 * Anything else that a tool throws is a crash: logged, hidden from the user, and tried again.
 *
 * @example throw new ToolError('no_pages', 'The document has no pages.');
 */
export class ToolError extends Error {
  /** Always this. */
  override readonly name = 'ToolError';

  /** @param code stable, snake_case, documented by the plugin. @param message one plain sentence for the user. */
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}
