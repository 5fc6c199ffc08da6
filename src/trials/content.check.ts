import type { Sandbox } from '../sandbox/sandbox.js';
import type { OutputExpectation } from './case.schema.js';
import { type Fault, shown } from './fault.js';
import { fixturePath } from './fixture.js';
import { type Answers, inspect, type Question } from './inspection/inspection.js';
import { missingFrom } from './json.subset.js';
import type { MadeFile } from './trial.js';

/** What is wrong with what an output holds: a table, a picture, pages. @param directory the plugin's */
export async function checkContent(
  wanted: OutputExpectation,
  made: MadeFile,
  where: string,
  { sandbox, directory }: { readonly sandbox: Sandbox; readonly directory: string },
): Promise<Fault[]> {
  const questions = questionsOf(wanted);
  if (questions.length === 0) return [];
  const like = wanted.pixels && (await fixturePath(directory, wanted.pixels.like));
  return compare(wanted, await inspect(sandbox, questions, made, like), where);
}

function questionsOf({ csv, image, pixels, pages }: OutputExpectation): Question[] {
  return [
    ...(csv ? (['csv'] as const) : []),
    ...(image ? (['image'] as const) : []),
    ...(pixels ? (['pixels'] as const) : []),
    ...(pages === undefined ? [] : (['pages'] as const)),
  ];
}

function compare(wanted: OutputExpectation, { csv, image, pixels, pages }: Answers, where: string): Fault[] {
  return [
    ...(csv ? known(csv, wanted.csv, `${where}: csv`) : []),
    ...(image ? known(image, wanted.image, `${where}: image`) : []),
    ...(pages ? known(pages, { count: wanted.pages }, `${where}: pages`) : []),
    ...(pixels && wanted.pixels ? tooFar(pixels, wanted.pixels, `${where}: pixels`) : []),
  ];
}

function known(found: object, wanted: object | undefined, where: string): Fault[] {
  if ('fault' in found)
    return [{ where, expected: shown(wanted), found: `not readable as that: ${String(found.fault)}` }];
  const asked = Object.fromEntries(Object.entries(wanted ?? {}).filter(([, value]) => value !== undefined));
  return missingFrom(asked, found, where);
}

function tooFar(
  found: NonNullable<Answers['pixels']>,
  { like, difference }: NonNullable<OutputExpectation['pixels']>,
  where: string,
): Fault[] {
  const expected = `a difference to ${like} of at most ${difference}`;
  if ('fault' in found) return [{ where, expected, found: `none can be told: ${found.fault}` }];
  return found.difference <= difference ? [] : [{ where, expected, found: String(found.difference) }];
}
