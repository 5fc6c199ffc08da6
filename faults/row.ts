import type { Recovery } from './checker/recovery.ts';
import type { StackName } from './ground.ts';
import type { Scene, SceneOptions } from './scene.ts';

/** What a row has measured beside what the history tells. */
export interface Performed {
  readonly recovery?: Recovery;
  /** The promise that answers come in time holds for this row: nobody froze or killed who should answer. */
  readonly answersInTime?: true;
}

/** One fault of the list: what is broken, and how. */
export interface Row {
  /** As it stands in README.md: `I1`, `P18`. */
  readonly id: string;
  readonly fault: string;
  /** Where it can happen. A sentence in place of a stack says why it cannot. */
  readonly stacks: Readonly<Record<StackName, true | string>>;
  readonly scene?: SceneOptions;
  /** Breaks something while tasks wait and run, and mends it again. */
  readonly perform: (scene: Scene) => Promise<Performed>;
}

export const EVERYWHERE = { embedded: true, scaled: true } as const;
export const ON_REDIS = { embedded: 'no Redis there', scaled: true } as const;
