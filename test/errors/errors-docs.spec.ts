import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { PROBLEMS } from '../../src/errors/problem.catalogue.js';
import { problemDocument, problemSchema } from '../../src/errors/problem.document.js';
import { Problem } from '../../src/errors/problem.js';

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
/** Heading, facts, when it happens, what to do: paragraphs without line breaks. */
const sections = page
  .split(/^(?=##)/m)
  .filter((section) => section.startsWith('### '))
  .map((section) =>
    section
      .trim()
      .split('\n\n')
      .map((paragraph) => paragraph.replaceAll('\n', ' ')),
  );
const documented = new Map(sections.map(([heading = '', ...paragraphs]) => [heading.slice('### '.length), paragraphs]));
const codes = Object.entries(PROBLEMS);

describe('docs/errors.md', () => {
  it('has a section for each code, once, and for nothing else', () => {
    expect(new Set(documented.keys())).toEqual(new Set(Object.keys(PROBLEMS)));
    expect(sections).toHaveLength(codes.length);
  });

  it.each(codes)('tells the status and the family of %s, and whether to try again', (code, problem) => {
    const [facts] = documented.get(code) ?? [];

    const retryable = 'retryable' in problem ? 'yes' : 'no';
    expect(facts).toBe(`Status: ${problem.status} · Family: \`${problem.family}\` · Retryable: ${retryable}`);
  });

  it.each(codes)('tells when %s happens and what to do about it', (code) => {
    const [, happens, advice] = documented.get(code) ?? [];

    expect(happens).toMatch(/^[A-Z].*\.$/);
    expect(advice).toMatch(/^\*\*What to do:\*\* .*\.$/);
  });

  it('shows a body as it is sent', () => {
    const shown = problemSchema.strict().parse(JSON.parse(/```json\n([^]*?)```/.exec(page)?.[1] ?? ''));

    const problem = new Problem('invalid_options', shown.detail, { details: shown.error.details });
    const sent = problemDocument(problem, { id: shown.error.request_id, path: shown.instance });
    expect(shown).toEqual({ ...sent, error: { ...sent.error, timestamp: shown.error.timestamp } });
  });
});
