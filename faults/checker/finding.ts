export type FindingKind = 'lost' | 'duplicated' | 'wrong' | 'ring' | 'file' | 'process' | 'late';

/** One thing that is not as it was promised. */
export interface Finding {
  readonly kind: FindingKind;
  /** A sentence with the id of what it is about. */
  readonly what: string;
}

export function finding(kind: FindingKind, what: string): Finding {
  return { kind, what };
}
