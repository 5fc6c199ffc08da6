/** Hears what was published. What it throws is logged, and changes nothing for others. */
export type Listener = (text: string) => void;

/**
 * A word to every process of the platform: what is said is heard at once or never, and nobody keeps it. So whoever
 * must not miss it looks at the rows, too, in a while.
 */
export abstract class Events {
  /**
   * Says something to all listeners of the topic, in this process and in others. Those of this process hear it at once
   * and in any case. Rejects within 2 s when it may not have reached the others.
   *
   * @param topic plain words, such as `task-cancelled`
   * @param text 4096 characters at most
   */
  abstract publish(topic: string, text: string): Promise<void>;
  /** Answers how to stop listening. A listener hears each word once, in the order in which one process says them. */
  abstract subscribe(topic: string, listener: Listener): () => void;
  /** Lets go of every connection; nobody hears anything afterwards. Never rejects; may be called again. */
  abstract close(): Promise<void>;
}
