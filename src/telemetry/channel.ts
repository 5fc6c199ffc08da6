import { channel } from 'node:diagnostics_channel';

/**
 * Where one part of the house tells what happens, for whoever counts or watches, in this process. The teller knows no
 * listener, and telling costs next to nothing when nobody listens.
 */
export class Channel<Event extends object> {
  private readonly channel;

  /** @param name unique in the process, such as `toolyard:task:finished` */
  constructor(name: string) {
    this.channel = channel(name);
  }

  publish(event: Event): void {
    if (this.channel.hasSubscribers) this.channel.publish(event);
  }

  /** Answers how to stop listening. */
  subscribe(listener: (event: Event) => void): () => void {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only `publish` puts something on the channel
    const heard = (message: unknown): void => listener(message as Event);
    this.channel.subscribe(heard);
    return () => {
      this.channel.unsubscribe(heard);
    };
  }
}
