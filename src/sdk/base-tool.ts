import type { z } from 'zod';
import type { ToolLimits } from './limits.js';
import type { ToolResult, ToolRun } from './tool-run.js';

/** How far a tool is: what is `alpha` or `beta` may change; what is `deprecated` will go. */
export type Stage = 'alpha' | 'beta' | 'stable' | 'deprecated';

/**
 * A tool turns input files and options into output files and data.
 * A plugin's `<name>.tool.ts` exports a class that extends this one as its default export.
 *
 * What the tool may reach (network, programs, variables, native addons) stands in the plugin's manifest,
 * because it must be known before any of the plugin's code is loaded.
 */
export abstract class BaseTool<Options extends z.ZodObject = z.ZodObject> {
  /** kebab-case, unique on the platform: what a request names. */
  abstract readonly name: string;
  /** A few words for a list. */
  abstract readonly title: string;
  /** One or two sentences: what it does, and what it does not. */
  abstract readonly description: string;
  /** kebab-case: under which lists show it, such as `image`. */
  readonly category: string = 'other';
  /** Other words under which people look for it. */
  readonly keywords: readonly string[] = [];
  /** Shown beside the title. */
  readonly stage: Stage = 'stable';
  /** MIME patterns such as `image/*`, matched against the detected type of each input. */
  abstract readonly inputFormats: readonly string[];
  /** MIME types that the outputs can have. Empty: the tool answers with data only. */
  abstract readonly outputFormats: readonly string[];
  /**
   * A zod object, every field described. It becomes the JSON Schema that requests are checked against, and then checks
   * them itself. JSON Schema has no flags for regular expressions: `/[a-fA-F]/` is checked before there is a task,
   * `/[a-f]/i` only when it runs. An option with `.meta({ writeOnly: true })` is a secret, such as a password: nobody is
   * shown it again, and it is forgotten when the task ends.
   */
  abstract readonly options: Options;
  /**
   * Programs without which it cannot work, such as `qpdf`. The manifest names them under `permissions.exec`, too.
   * Where one is missing, the tool is listed as unavailable, with the reason.
   */
  readonly requires: readonly string[] = [];
  /**
   * Environment variables without which it cannot work, such as the address of a server. The manifest names them under
   * `permissions.env`, too. Where one is not set, the tool is listed as unavailable, with the reason.
   */
  readonly settings: readonly string[] = [];
  /** Where the defaults do not fit. */
  readonly limits: Partial<ToolLimits> = {};
  /** Same input bytes, same options, same version: same output. Only then may a result be cached. */
  readonly deterministic: boolean = false;
  /** Whether a cached result may be given to other users who send the same bytes and options, who learn so that somebody did. */
  readonly shareable: boolean = false;

  /** Optional and cheap: looks at the inputs before the work begins; throws ToolError when it cannot succeed. */
  validate?(run: ToolRun<z.output<Options>>): Promise<void> | void;

  /** The work. */
  abstract process(run: ToolRun<z.output<Options>>): Promise<ToolResult> | ToolResult;

  /** Optional, always called after the work, however it ended. */
  cleanup?(run: ToolRun<z.output<Options>>): Promise<void> | void;
}
