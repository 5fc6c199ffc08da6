import { describe, expect, it } from '@jest/globals';
import { detectMarkup } from '../../../src/files/detection/markup.js';

const HTML = 'text/html';
const SVG = 'image/svg+xml';
const XML = 'application/xml';

describe('detectMarkup', () => {
  it.each([
    ['a document type', '<!DOCTYPE html>\n<title>Hi</title>', HTML],
    ['an old document type', '\n<!doctype HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "a>b">', HTML],
    ['nothing but the element', '<HTML lang=en>', HTML],
    ['a comment before it', '<!-- hello -->\n<html>', HTML],
    ['a script', '<script>alert(1)</script>', HTML],
    ['a paragraph', '<p>Hello', HTML],
    ['an XML declaration', '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', HTML],
  ])('knows HTML by %s', (_, content, type) => {
    expect(detectMarkup({ content, whole: true })?.type).toBe(type);
  });

  it.each([
    ['alone', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['cut', '<svg '],
    ['after a declaration', '<?xml version="1.0"?>\n<svg>'],
    ['after a comment and an instruction', '<!-- a > b --><?xml-stylesheet href="a.css"?>\n<svg>'],
    ['after a document type', '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/x.dtd"><svg>'],
    ['after entities', '<!DOCTYPE svg [<!ENTITY a "]>"> <!-- --> <!ENTITY b "&a;">]>\n<svg>&b;</svg>'],
    ['with a prefix', '<s:svg xmlns:s="http://www.w3.org/2000/svg"/>'],
  ])('knows SVG %s', (_, content) => {
    expect(detectMarkup({ content, whole: false })?.type).toBe(SVG);
  });

  it.each([
    ['a declaration', '<?xml version="1.0"?><note/>', true],
    ['a declaration with nothing after it', '<?xml version="1.0"', false],
    ['a document type', '<!DOCTYPE note SYSTEM "note.dtd"><note>', false],
    ['a namespace', '<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">', false],
    ['a namespace for a prefix', `<k:kml a='1' xmlns:k = "http://www.opengis.net/kml/2.2" >`, false],
    ['the end of its root', '<note to="Ada">\n<b>Hi</b>\n</note>\n', true],
    ['a root that is empty', '<note/>', true],
    ['names in another script', '<世界 名="x">…</世界>', true],
  ])('knows XML by %s', (_, content, whole) => {
    expect(detectMarkup({ content, whole })?.type).toBe(XML);
  });

  it.each([
    ['a sentence', 'a < b'],
    ['a smaller sign', '< b and > c'],
    ['a heart', '<3 you'],
    ['a chat', '<ada> hello\n<bob> hello Ada\n'],
    ['an address', '<ada@example.org> wrote:\n'],
    ['a tag that does not end', '<note to="Ada"'],
    ['attributes that are none', '<note to=Ada>x</note>'],
    ['a program', '<?php echo 1;'],
    ['a comment and no more', '<!-- hello -->'],
    ['a comment that does not end', '<!-- <svg> <html>'],
    ['nothing', ''],
  ])('does not take %s for markup', (_, content) => {
    expect(detectMarkup({ content, whole: true })).toBeUndefined();
  });

  it('does not believe a first tag alone when more follows', () => {
    expect(detectMarkup({ content: '<note>x</note>', whole: false })).toBeUndefined();
  });

  it.each([
    '<',
    '<!--',
    '<!',
    '<!-- -->',
    '<?a?>',
    '<!doctype a [',
    '<!DOCTYPE "',
    '<a ',
    ' ',
    '<a b="c" ',
    "<!'",
    '<:a',
  ])('is not impressed by a million times %j', (piece) => {
    const content = piece.repeat(1_000_000);

    expect(() => detectMarkup({ content, whole: true })).not.toThrow();
    expect(() => detectMarkup({ content: `<a${content}`, whole: true })).not.toThrow();
  });
});
