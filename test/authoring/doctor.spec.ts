import { tmpdir } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { Check } from '../../src/authoring/doctor.js';
import { doctorLines, isFit } from '../../src/authoring/doctor.report.js';
import { findProgram } from '../../src/sandbox/bubblewrap.js';
import { plugin } from './author.command.js';

const checkSchema = z.object({ name: z.string(), present: z.boolean(), mend: z.string().nullable() });
const reportSchema = z.object({ fit: z.boolean(), checks: z.array(checkSchema) });

const missing: Check = {
  kind: 'program',
  name: 'qpdf',
  present: false,
  essential: false,
  version: null,
  note: 'for pdf',
  mend: 'apt-get install qpdf',
};

describe('toolyard plugin doctor', () => {
  it('tells what is here, and the line that brings what is not', async () => {
    const { code, out } = await plugin(['doctor', '--json'], tmpdir());

    const { fit, checks } = reportSchema.parse(JSON.parse(out));
    const found = new Map(checks.map((check) => [check.name, check]));
    expect({ code, fit }).toEqual({ code: 0, fit: true });
    expect([...found.keys()]).toEqual(expect.arrayContaining(['node', 'limits', 'namespaces', 'qpdf', 'clamd']));
    expect(found.get('node')).toMatchObject({ present: true, mend: null });
    for (const name of ['qpdf', 'bwrap', 'ffmpeg'])
      expect(found.get(name)?.present).toBe(findProgram(name) !== undefined);
    expect(checks.filter(({ present, mend }) => present === (mend !== null))).toEqual([]);
  });

  it('is fit without a program that only some tools need, but not without what is essential', () => {
    expect(isFit([missing])).toBe(true);
    expect(isFit([missing, { ...missing, essential: true }])).toBe(false);
    expect(doctorLines([missing])).toEqual([
      'missing  qpdf  for pdf',
      '         apt-get install qpdf',
      'Tools run here. What is missing (1) only some tools need, which are listed as unavailable.',
    ]);
    expect(doctorLines([{ ...missing, essential: true }])[0]).toBe('MISSING  qpdf  for pdf');
  });
});
