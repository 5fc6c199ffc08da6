import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';

const lockSchema = z.object({ packages: z.record(z.string(), z.looseObject({ version: z.string().optional() })) });
const { packages } = lockSchema.parse(
  JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')),
);

/** Older ones have faults that whoever sends a file or a request could use. Copies inside other packages count, too. */
const LEAST: Readonly<Record<string, string>> = {
  '@nestjs/common': '12.0.2',
  '@nestjs/core': '12.0.2',
  '@nestjs/platform-fastify': '12.0.2',
  '@mikro-orm/core': '7.1.7',
  '@mikro-orm/sql': '7.1.7',
  '@fastify/multipart': '10.1.1',
  '@fastify/busboy': '3.2.6',
  'file-type': '21.3.2',
  sharp: '0.35.4',
  jsonwebtoken: '9.0.0',
};

/** Sandboxes that do not hold, readers that believe what a file says of its size, and parsers without a mended release. */
const NEVER = [
  'vm2',
  'safe-eval',
  '@nyariv/sandboxjs',
  'adm-zip',
  'exceljs',
  'xlsx',
  'multer',
  'ip',
  '@nestjs/devtools-integration',
];

const versionsOf = (name: string): string[] =>
  Object.entries(packages).flatMap(([path, { version }]) =>
    path === `node_modules/${name}` || path.endsWith(`/node_modules/${name}`) ? [version ?? ''] : [],
  );

/** Whether a version, three numbers, is another one or a later one. */
function isAtLeast(version: string, least: string): boolean {
  const [ours = [], theirs = []] = [version, least].map((text) => text.split('.').map((part) => Number.parseInt(part)));
  const at = ours.findIndex((number, index) => number !== theirs[index]);
  return at < 0 || Number(ours[at]) > Number(theirs[at]);
}

describe('what is installed', () => {
  it.each(Object.entries(LEAST))('has %s from %s on, everywhere', (name, least) => {
    const versions = versionsOf(name);

    expect(versions).not.toEqual([]);
    expect(versions.filter((version) => !isAtLeast(version, least))).toEqual([]);
  });

  it.each(NEVER)('has no %s', (name) => {
    expect(versionsOf(name)).toEqual([]);
  });

  it('runs on a Node whose permission model is mended', () => {
    expect(isAtLeast(process.versions.node, '26.5.1')).toBe(true);
  });

  it.each([
    ['1.2.3', '1.2.3', true],
    ['1.10.0', '1.9.9', true],
    ['2.0.0', '1.9.9', true],
    ['1.9.9', '2.0.0', false],
    ['0.35.3', '0.35.4', false],
  ])('is compared by number: %s and %s', (version, least, answer) => {
    expect(isAtLeast(version, least)).toBe(answer);
  });
});
