import { Mail } from './mail.js';

/** Where no server for mail is configured. */
export class NoMail extends Mail {
  readonly available = false;

  override send(): Promise<void> {
    return Promise.reject(new Error('No server for mail is configured.'));
  }
}
