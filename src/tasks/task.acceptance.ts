import { z } from 'zod';
import { Problem } from '../errors/problem.js';
import { matches } from '../files/detection/media-type.js';
import { takesFiles, type Tool } from '../tools/tool.js';

export const tagSchema = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must be plain text')
  .describe('A word of your own to find the task by.');

export const USUAL_PRIORITY = 5;

export const prioritySchema = z
  .int('must be a whole number from 0 to 9')
  .min(0, 'must be a whole number from 0 to 9')
  .max(9, 'must be a whole number from 0 to 9')
  .describe('0 to 9; tasks with a higher one run first, whoever they belong to. Among equals the owners take turns.');

/** @throws Problem `file_type_not_accepted` @param path JSON pointer to what has the type */
export function acceptType(tool: Tool, type: string, path: string): void {
  if (tool.inputFormats.some((pattern) => matches(pattern, type))) return;
  const message = `${tool.name} takes ${tool.inputFormats.join(', ')}, but this file is ${type}.`;
  throw new Problem('file_type_not_accepted', message, { details: [{ path, code: 'type', message }] });
}

/** @throws Problem `too_many_files` or `file_missing` */
export function refuseNumber(tool: Tool, files: number): void {
  const most = takesFiles(tool) ? tool.limits.maxInputs : 0;
  if (files > most)
    throw new Problem('too_many_files', `${tool.name} takes ${most === 0 ? 'no' : `at most ${most}`} files.`);
  if (files === 0 && most > 0) throw new Problem('file_missing', `${tool.name} needs a file.`);
}
