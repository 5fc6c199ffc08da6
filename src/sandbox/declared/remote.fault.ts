/** The service of a tool did not do its part. The input is not at fault, and another attempt may go better. */
export class RemoteFault extends Error {
  override readonly name = 'RemoteFault';

  /**
   * @param message for the user: a sentence without addresses
   * @param heard whether the service may have begun what it was asked for
   */
  constructor(
    message: string,
    readonly heard: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
