import { createHash, randomBytes } from 'node:crypto';

/**
 * Files that nobody knows of until a row names them all, such as the outputs of one attempt. Should nobody live to write
 * that row, whoever knows the group can find them.
 */
export interface FileGroup {
  /** Unique among all groups of the same moment. */
  readonly name: string;
  readonly since: Date;
}

/** Hexadecimal digits that tell the files of a group apart. */
const OWN_DIGITS = 8;

/** A new id. It is a UUIDv7 of the moment of the group, and shares all but its last digits with the others. */
export function idInGroup(group: FileGroup): string {
  return prefixOf(group) + randomBytes(OWN_DIGITS / 2).toString('hex');
}

/** The first and the last id that the group can have. */
export function idsOfGroup(group: FileGroup): readonly [string, string] {
  const prefix = prefixOf(group);
  return [prefix + '0'.repeat(OWN_DIGITS), prefix + 'f'.repeat(OWN_DIGITS)];
}

/** RFC 9562: 48 bits of time, the version, 12 bits, the variant, 62 bits. Of those, 42 bits come from the name. */
function prefixOf({ name, since }: FileGroup): string {
  const time = since.getTime().toString(16).padStart(12, '0');
  const hash = createHash('sha256').update(name).digest('hex');
  const variant = (8 + (Number.parseInt(hash.charAt(3), 16) % 4)).toString(16);
  const groups = [
    time.slice(0, 8),
    time.slice(8),
    `7${hash.slice(0, 3)}`,
    variant + hash.slice(4, 7),
    hash.slice(7, 11),
  ];
  return groups.join('-');
}
