export interface Route {
  /** A Fastify path: `/tasks/:id`. */
  readonly path: string;
  readonly methods: readonly string[];
}

/** The methods that some route offers for the path, for `Allow` (RFC 9110 §10.2.1); none when there is no such path. */
export function allowedMethods(routes: readonly Route[], path: string): string[] {
  const methods = routes.filter((route) => fits(route.path, path)).flatMap((route) => route.methods);
  return [...new Set(methods)].toSorted();
}

function fits(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.at(-1) === '*') return false;
  return wanted.length === given.length && wanted.every((part, index) => fitsPart(part, given[index] ?? ''));
}

function fitsPart(wanted: string, given: string): boolean {
  return wanted.startsWith(':') ? given !== '' : wanted === given;
}
