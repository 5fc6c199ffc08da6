import { accessSync, constants, globSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian keeps the servers of PostgreSQL off the PATH; the newest version comes first. */
function postgresqlDirectories(): string[] {
  return globSync('/usr/lib/postgresql/*/bin').toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }));
}

/** The path of an executable file, looked for on the PATH and then where Debian puts PostgreSQL. */
export function findBinary(
  name: string,
  directories: readonly string[] = [...(process.env['PATH'] ?? '').split(delimiter), ...postgresqlDirectories()],
): string | undefined {
  return directories
    .filter(Boolean)
    .map((directory) => join(directory, name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
