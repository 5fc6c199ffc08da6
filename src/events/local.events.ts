import { Events, type Listener } from './events.js';
import { Listeners, refuseLongText } from './listeners.js';

/** Events inside one process, for a platform that is one. */
export class LocalEvents extends Events {
  private readonly listeners = new Listeners<string>();
  private isClosed = false;

  override async publish(topic: string, text: string): Promise<void> {
    refuseLongText(text);
    if (this.isClosed) throw new Error('The events are closed.');
    this.listeners.tell(topic, text);
  }

  override subscribe(topic: string, listener: Listener): () => void {
    return this.isClosed ? () => {} : this.listeners.add(topic, listener);
  }

  override async close(): Promise<void> {
    this.isClosed = true;
    this.listeners.clear();
  }
}
