/** `toolyard/client`: runs tools on files from Node and from browsers, with nothing but `fetch`. */
export type { ConnectionOptions } from './connection.js';
export type { FollowOptions } from './follow.js';
export * as api from './generated/sdk.gen.js';
export type * from './generated/types.gen.js';
export type { Input, NamedInput } from './input.js';
export { type RunOptions, type RunProgress, type RunResult, Toolyard } from './toolyard.js';
export { ToolyardError } from './toolyard.error.js';
export type { UploadOptions } from './upload.js';
