import type { z } from 'zod';

/**
 * The environment cannot be used. The message has one line for each variable at fault: its name and what is wrong,
 * never what it holds, so that the message may be printed and pasted anywhere.
 */
export class ConfigurationFault extends Error {
  override readonly name = 'ConfigurationFault';

  constructor(readonly faults: readonly string[]) {
    super(['The configuration is not valid:', ...faults.map((fault) => `  ${fault}`)].join('\n'));
  }
}

/** What is wrong, as the rest of a sentence that begins with the variable's name. */
export function faultInWords(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'custom':
      return issue.message;
    case 'invalid_type':
      return `must be a ${issue.expected === 'int' ? 'whole number' : issue.expected}`;
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`;
    case 'too_small':
      return `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
    case 'too_big':
      return `must be ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
    default:
      return 'is not valid';
  }
}
