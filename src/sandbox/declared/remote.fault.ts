/** `anything`: the service has not begun. `repeatable`: it may have. `nothing`: it would answer the same. */
export type WorthAsking = 'anything' | 'repeatable' | 'nothing';

/** The service of a tool did not do its part. The input is not at fault, and another attempt may go better. */
export class RemoteFault extends Error {
  override readonly name = 'RemoteFault';

  /**
   * @param message for the user: a sentence without addresses
   * @param again what is worth asking again at once
   */
  constructor(
    message: string,
    readonly again: WorthAsking = 'nothing',
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
