import type { ChildHandle } from './child.process.js';

/** Milliseconds after its last answer, at which a child that was given no other work must have nothing to do. */
export const REST_MS = 1_000;

const ANSWER_MS = 1_000;

/**
 * Whether a child that works for nobody is at rest: it answers, says that it waits for nothing, and has started nothing
 * that still runs. Never rejects.
 */
export async function isAtRest(child: ChildHandle): Promise<boolean> {
  if (child.family.hasCompany()) return false;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), ANSWER_MS);
  child.attach({
    heard: (message) => resolve(message.type === 'rested' && message.tidy),
    printed: () => {},
    misbehaved: () => resolve(false),
    flooded: () => resolve(false),
    gone: () => resolve(false),
  });
  child.send({ type: 'rest' });
  const atRest = await promise;
  clearTimeout(timer);
  child.detach();
  return atRest;
}
