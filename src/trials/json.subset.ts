import { type Fault, shown } from './fault.js';

/**
 * What of the wanted JSON is not found. Of objects a part is enough; arrays have the same length, and each of their
 * members is compared in its place; everything else is equal.
 *
 * @param where what the values are called in the faults
 */
export function missingFrom(wanted: unknown, found: unknown, where: string): Fault[] {
  if (Array.isArray(wanted)) return missingItems(wanted, found, where);
  if (!isRecord(wanted)) return Object.is(wanted, found) ? [] : [fault(where, wanted, found)];
  if (!isRecord(found)) return [fault(where, wanted, found)];
  return Object.entries(wanted).flatMap(([name, value]) =>
    missingFrom(value, Object.hasOwn(found, name) ? found[name] : undefined, `${where}.${name}`),
  );
}

function missingItems(wanted: readonly unknown[], found: unknown, where: string): Fault[] {
  if (!Array.isArray(found)) return [fault(where, wanted, found)];
  if (found.length !== wanted.length)
    return [{ where, expected: `${wanted.length} items`, found: `${found.length}: ${shown(found)}` }];
  return wanted.flatMap((value, index) => missingFrom(value, found[index], `${where}[${index}]`));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fault(where: string, wanted: unknown, found: unknown): Fault {
  return { where, expected: shown(wanted), found: shown(found) };
}
