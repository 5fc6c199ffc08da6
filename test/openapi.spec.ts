import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Platform, startPlatform } from './platform.js';

describe('the OpenAPI document', () => {
  let platform: Platform;

  beforeAll(async () => {
    platform = await startPlatform();
  });

  afterAll(async () => {
    await platform.stop();
  });

  it('is served as it is committed: otherwise run npm run docs', async () => {
    const committed: unknown = JSON.parse(await readFile('docs/openapi.json', 'utf8'));

    const served = await fetch(`${platform.url}/api/v1/openapi.json`);

    expect(await served.json()).toEqual(committed);
  });

  it('names no schema that it does not have', async () => {
    const text = await (await fetch(`${platform.url}/api/v1/openapi.json`)).text();
    const { components } = JSON.parse(text) as { components: { schemas: Record<string, unknown> } };

    const named = new Set([...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name));

    expect([...named].filter((name) => !Object.hasOwn(components.schemas, name ?? ''))).toEqual([]);
  });

  it('has pages for people', async () => {
    const page = await fetch(`${platform.url}/docs`);
    const errors = await fetch(`${platform.url}/docs/errors`);

    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await errors.text()).toContain('task_not_finished');
  });
});
