import { z } from 'zod';

/** kebab-case, as the name of a tool and of its plugin must be. */
export const nameSchema = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be of small letters and digits with single hyphens, such as text-case');

export const KINDS = ['class', 'command'] as const;

/** What an author wants to begin with. */
export interface Blueprint {
  readonly name: string;
  readonly kind: (typeof KINDS)[number];
  readonly title: string;
  readonly description: string;
  /** SPDX identifier. */
  readonly license: string;
}

/** `text-case` becomes `Text case`. */
export function titleFrom(name: string): string {
  const words = name.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** `text-case` becomes `TextCase`. */
export function classNameFrom(name: string): string {
  return name.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** A sentence, however it was typed: a capital letter, and a full stop at the end. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  const ended = /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
  return ended.charAt(0).toUpperCase() + ended.slice(1);
}
