import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { configSchema } from '../../src/config/config.js';
import { describeConfig } from '../../src/config/config.description.js';
import { renderConfigurationPage, renderEnvExample } from '../../src/config/config.docs.js';
import { loadConfig } from '../../src/config/config.load.js';

const committed = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('describeConfig', () => {
  it('tells of every variable of the schema what it does', () => {
    const variables = describeConfig();

    expect(variables.map(({ name }) => name)).toEqual(Object.keys(configSchema.shape));
    expect(variables.filter(({ description }) => description === '')).toEqual([]);
  });

  it('tells what a variable may hold and what holds without it', () => {
    const byName = Object.fromEntries(describeConfig().map((variable) => [variable.name, variable]));

    expect(byName['PORT']).toMatchObject({ default: '8080', values: 'a whole number from 0 to 65535', secret: false });
    expect(byName['ROLE']).toMatchObject({ default: 'all', values: 'one of `all`, `api`, `worker`' });
    expect(byName['MAX_UPLOAD_BYTES']).toMatchObject({ default: '5368709120', values: 'a whole number from 1' });
    expect(byName['FILE_TTL_HOURS']).toMatchObject({ default: '24', values: 'a number above 0, at most 87600' });
    expect(byName['DATABASE_URL']).toMatchObject({ otherwise: 'SQLite file in DATA_DIR', secret: true });
  });

  it('does not depend on the machine', () => {
    const concurrency = describeConfig().find(({ name }) => name === 'WORKER_CONCURRENCY');

    expect(concurrency?.default).toBeUndefined();
  });
});

describe('the generated pages', () => {
  it('are committed as they are generated: run `npm run docs`', () => {
    expect(committed('.env.example')).toBe(renderEnvExample());
    expect(committed('docs/configuration.md')).toBe(renderConfigurationPage());
  });

  it('have an example that changes nothing until it is edited', () => {
    expect(parseEnv(renderEnvExample())).toEqual({});
  });

  it('have an example whose lines are valid as they stand', () => {
    const enabled = parseEnv(renderEnvExample().replaceAll(/^#(?=[A-Z])/gm, ''));

    expect(loadConfig(enabled)).toEqual(loadConfig({}));
  });
});
