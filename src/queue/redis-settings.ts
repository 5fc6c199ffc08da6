import { Logger } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { z } from 'zod';

/** What Redis must be told so that it forgets no ring, and what to do when it is not. */
const WANTED = [
  {
    setting: 'appendonly',
    value: 'yes',
    advice:
      'Redis keeps the queue in memory only (appendonly is not yes): after a crash waiting tasks start seconds late. Set `appendonly yes`.',
  },
  {
    setting: 'maxmemory-policy',
    value: 'noeviction',
    advice:
      'Redis may throw parts of the queue away when it is full (maxmemory-policy is not noeviction). Set `maxmemory-policy noeviction`.',
  },
] as const;

const UNKNOWN =
  'Redis does not tell its settings. Make sure that `appendonly` is yes and `maxmemory-policy` is noeviction.';

const answerSchema = z.array(z.string());

/** Looks how Redis is set, whenever a connection to it is made, and tells the log what should be otherwise. */
export class RedisSettings {
  private readonly logger = new Logger(RedisSettings.name);
  private found: readonly string[] = [];

  constructor(private readonly redis: Redis) {
    redis.on('ready', () => void this.look());
    if (redis.status === 'ready') void this.look();
  }

  /** Sentences with what to do, as of the last time that Redis was reached; empty when all is well. */
  get warnings(): readonly string[] {
    return this.found;
  }

  private async look(): Promise<void> {
    const warnings = await this.ask();
    if (!warnings) return;
    for (const warning of warnings) if (!this.found.includes(warning)) this.logger.warn(warning);
    this.found = warnings;
  }

  /** Undefined when Redis has gone again. */
  private async ask(): Promise<string[] | undefined> {
    try {
      const answers = await Promise.all(WANTED.map(({ setting }) => this.redis.config('GET', setting)));
      const values = answers.map((answer) => answerSchema.parse(answer)[1]);
      if (values.includes(undefined)) return [UNKNOWN];
      return WANTED.filter(({ value }, index) => values[index] !== value).map(({ advice }) => advice);
    } catch (error) {
      // The name that ioredis gives to what Redis itself refuses: many who offer Redis forbid CONFIG.
      return error instanceof Error && error.name === 'ReplyError' ? [UNKNOWN] : undefined;
    }
  }
}
