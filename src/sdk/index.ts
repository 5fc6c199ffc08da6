/** What the author of a plugin sees, and all of it. */
export { z } from 'zod';
export { BaseTool, type Stage } from './base-tool.js';
export { DEFAULT_LIMITS, type ToolLimits } from './limits.js';
export { ToolError } from './tool-error.js';
export type { ExecOptions, ExecResult, InputFile, OutputFile, ToolLog, ToolResult, ToolRun } from './tool-run.js';
