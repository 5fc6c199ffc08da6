/** A letter, in plain words. */
export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Sends mail. */
export abstract class Mail {
  /** Whether anything can be sent at all. */
  abstract readonly available: boolean;

  /** Resolves when the server has taken the letter. @throws when it has not, or when there is none */
  abstract send(letter: Letter): Promise<void>;
}
