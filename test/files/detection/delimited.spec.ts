import { describe, expect, it } from '@jest/globals';
import { detectDelimited } from '../../../src/files/detection/delimited.js';

const CSV = 'text/csv';
const TSV = 'text/tab-separated-values';

describe('detectDelimited', () => {
  it.each([
    ['commas', 'a,b,c\n1,2,3\n', CSV],
    ['semicolons', 'a;b;c\n1,5;2,5;3\n', CSV],
    ['tabs', 'a\tb\tc\n1\t2\t3\n', TSV],
    ['no line end at the end', 'a,b,c\r\n1,2,3', CSV],
    ['old line ends', 'a,b,c\r1,2,3\r', CSV],
    ['blank lines at the end', 'a,b,c\n1,2,3\n\n\n', CSV],
    ['empty fields', ',,\n,,\n', CSV],
    ['separators, line ends and quotes inside quotes', 'a,b,c\n"1,1","2\n2","3 ""3"""\n', CSV],
    ['a quote inside a field', 'size,unit,name\n5",inch,pipe\n', CSV],
    ['an empty last field', 'a\tb\tc\n1\t2\t\n', TSV],
    ['two columns', 'name,age\nada,36\n', CSV],
    ['two columns and empty quotes', 'name;age\n"";""\n', CSV],
    ['one line', 'a,b,c\n', undefined],
    ['one column', 'a\nb\nc\n', undefined],
    ['rows of different length', 'a,b,c\n1,2\n', undefined],
    ['a blank line inside', 'a,b,c\n\n1,2,3\n', undefined],
    ['something after a closing quote', 'a,b,c\n"1"x,2,3\n', undefined],
    ['a quote that swallows the rest', 'a,b,c\n1,2,3\n"4,5,6\n7,8,9\n', undefined],
    ['sentences', 'Dear Ada,\nthank you,\n', undefined],
    ['sentences with one comma each', 'Yes, it is.\nNo, it is not.\n', undefined],
    ['statements', 'run();\nstop();\n', undefined],
    ['indented lines', '\tone\n\ttwo\n', undefined],
    ['nothing', '', undefined],
  ])('judges a file with %s', (_, content, type) => {
    expect(detectDelimited({ content, whole: true })?.type).toBe(type);
  });

  it.each([
    ['the last row cut', 'a,b,c\n1,2,3\n4,', CSV],
    ['a row cut inside quotes', 'a,b,c\n1,2,3\n4,"5\n', CSV],
    ['only one whole row', 'a,b,c\n1,2', undefined],
    ['only one row, cut inside quotes', 'a,b,c\n1,"2\n', undefined],
  ])('judges a head with %s', (_, content, type) => {
    expect(detectDelimited({ content, whole: false })?.type).toBe(type);
  });

  it.each([',', '"', '""', '\n', '",\n', '\t;,'])('is not impressed by a million times %j', (piece) => {
    const content = piece.repeat(1_000_000);

    expect(() => detectDelimited({ content, whole: false })).not.toThrow();
  });
});
