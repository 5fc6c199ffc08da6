import type { ToolResult } from 'toolyard/sdk';

/** What each attempt ends with: the code of its error, its message, or `succeeded`. */
export async function attempts(tries: Readonly<Record<string, () => unknown>>): Promise<ToolResult> {
  const data: Record<string, string> = {};
  for (const [name, attempt] of Object.entries(tries)) {
    data[name] = await Promise.resolve()
      .then(attempt)
      .then(
        () => 'succeeded',
        (error: unknown) => reason(error),
      );
  }
  return { data };
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error) return String(error.code);
  return error.cause ? reason(error.cause) : error.message;
}
