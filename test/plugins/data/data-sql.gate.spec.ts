import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Engine } from '../../../plugins/data/engine.ts';
import { admit } from '../../../plugins/data/sql/gate.ts';
import type { ToolRun } from '../../../src/sdk/index.js';

/** One SELECT over the inputs, as people write it. */
const QUERIES = [
  'select a, count(*) n from input where b > 1 group by a order by a',
  'with t as (select 1 as q) select * from t, range(3) r(x)',
  'from input select *;',
  'values (1)',
  'select list_transform([1], x -> x + 1)',
  'select * from input1 join input using (a)',
  'select * from input i, unnest([1, 2]) u',
  'select sum(b) over (order by a) from input',
  'select 1 -- and a remark',
  'select a from input union all select a from input1',
  'with recursive t(n) as (select 1 union all select n + 1 from t where n < 3) select * from t',
  'from (select a from input) x where exists (select 1 from "INPUT")',
  'select * from json_each(\'{"a":1}\')',
  'select * from input asof join input1 using (b)',
  'unpivot (select b from input) on b',
];

/** Everything else, also what the lock of the engine alone would let through. */
const REFUSED = `
select 1; select 2
select
pivot input on a using count(*)
summarize input
describe input
select * from (describe input)
show tables
explain select 1
pragma version
begin
checkpoint
select * from '/etc/passwd'
select * from "/etc/passwd"
select * from "../in/0"
select * from main.input
select * from read_csv('x')
select * from read_text('x')
select * from glob('/*')
from sniff_csv('x')
from parquet_metadata('x')
select (select content from read_blob('x'))
with a as (from read_text('x')) from a
select * from input where a in (select content from read_text('x'))
with "/etc/passwd" as (select 1) from "/etc/passwd"
from enable_logging(storage = 'file', storage_path = '/x')
from enable_profiling(format = 'json')
call enable_logging()
from duckdb_settings()
from duckdb_tables
from sqlite_master
from information_schema.tables
from test_all_types()
from query('select 1')
from query_table('input')
from json_execute_serialized_sql('{}')
from seq_scan('x')
select current_setting('temp_directory')
select getenv('HOME')
select sleep_ms(100000)
select nextval('x')
select write_log('x')
select error('x')
select getvariable('x')
select setseed(1)
copy input to 'x'
attach 'x'
install httpfs
load x
set threads = 1
reset threads
use main
create table x (a int)
drop view input
insert into input values (1)
delete from input
update input set a = 1
export database 'x'
create secret (type s3)
prepare x as select 1
execute x
vacuum
comment on table input is 'x'
select 1) to '/tmp/x' (format csv); copy (select 1
`
  .trim()
  .split('\n');

const silent = (): void => {};

let directory: string;
let engine: Engine;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'toolyard-gate-'));
  const run: ToolRun = {
    id: 'gate',
    inputs: [],
    options: {},
    workspace: directory,
    signal: new AbortController().signal,
    progress: silent,
    exec: () => Promise.reject(new Error('No program may be run here.')),
    log: { info: silent, warn: silent, error: silent },
  };
  engine = await Engine.open(run, { memoryMb: 256, reads: [] });
});

afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

const TABLES = new Set(['input', 'input1']);

it.each(QUERIES)('lets pass: %s', async (sql) => {
  await expect(admit(engine, sql, TABLES)).resolves.toBeUndefined();
});

it.each(['', ' ', ...REFUSED])('refuses: %s', async (sql) => {
  await expect(admit(engine, sql, TABLES)).rejects.toMatchObject({ code: 'query_refused' });
});

it.each([
  `select content from read_text('/etc/hostname')`,
  `copy (select 1) to '/tmp/toolyard-outside.csv'`,
  `attach '/tmp/toolyard-outside.duckdb'`,
  `set enable_external_access = true`,
  `install httpfs`,
])('stands before a lock that refuses, too: %s', async (sql) => {
  await expect(engine.execute(sql)).rejects.toThrow(/Permission|Cannot change|locked|disabled/i);
});
