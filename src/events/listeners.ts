import { Logger } from '@nestjs/common';

const LONGEST_TEXT = 4_096;

/** Who listens in this process, by topic, to words of one kind. */
export class Listeners<Word> {
  private readonly logger = new Logger('Events');
  private readonly byTopic = new Map<string, Set<{ readonly listener: (word: Word) => void }>>();

  /** Answers how to remove it. The same function added twice hears twice. */
  add(topic: string, listener: (word: Word) => void): () => void {
    const entry = { listener };
    const entries = this.byTopic.get(topic) ?? new Set();
    this.byTopic.set(topic, entries.add(entry));
    return () => {
      if (entries.delete(entry) && entries.size === 0) this.byTopic.delete(topic);
    };
  }

  tell(topic: string, word: Word): void {
    for (const { listener } of this.byTopic.get(topic) ?? []) {
      try {
        listener(word);
      } catch (error) {
        this.logger.error({ msg: 'A listener failed.', topic, err: error });
      }
    }
  }

  clear(): void {
    this.byTopic.clear();
  }
}

/** @throws Error when nobody should have to carry that much */
export function refuseLongText(text: string): void {
  if (text.length > LONGEST_TEXT) throw new Error(`An event may carry ${LONGEST_TEXT} characters, not ${text.length}.`);
}
