import type { ChildHandle } from './child.process.js';
import { type Description, descriptionSchema } from './tool.description.js';

/** Milliseconds to load all tools of a plugin. */
const DESCRIBE_MS = 10_000;

/** Asks a child what its plugin's tools are. Never rejects: a plugin that fails has a fault and no tools. */
export async function askForDescription(child: ChildHandle, tools: readonly string[]): Promise<Description> {
  const { promise, resolve } = Promise.withResolvers<Description>();
  const timer = setTimeout(() => resolve(faulty('It did not load within 10 seconds.')), DESCRIBE_MS);
  child.attach({
    heard: (message) => resolve(message.type === 'described' ? read(message.description) : faulty(NO_DESCRIPTION)),
    printed: () => {},
    misbehaved: (reason) => resolve(faulty(reason)),
    flooded: (reason) => resolve(faulty(reason)),
    gone: ({ code, signal }) => resolve(faulty(`Its process ended while it was loaded (${signal ?? `code ${code}`}).`)),
  });
  child.send({ type: 'describe', tools });
  const description = await promise;
  clearTimeout(timer);
  return description;
}

const NO_DESCRIPTION = 'It answered with something that is no description.';

/** The child has checked it already; but plugin code runs there, so it is checked again here. */
function read(value: unknown): Description {
  const parsed = descriptionSchema.safeParse(value);
  return parsed.success ? parsed.data : faulty(NO_DESCRIPTION);
}

function faulty(reason: string): Description {
  return { tools: [], faults: [{ file: null, place: null, reason }] };
}
