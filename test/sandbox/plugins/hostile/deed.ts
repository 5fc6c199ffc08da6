import type { ToolResult, ToolRun } from 'toolyard/sdk';

export type Deed = (run: ToolRun<{ readonly target: string }>) => ToolResult | Promise<ToolResult>;

/** Comes back only when it is ended. */
export function forever(): Promise<never> {
  return new Promise(() => {});
}

export function spin(): never {
  for (;;);
}
