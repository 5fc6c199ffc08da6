import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EventReader } from '../test/event-reader.ts';
import type { TemporaryHome } from '../test/servers/temporary-home.ts';
import { bearer } from '../test/visitor.ts';
import { eventually } from './promises.platform.ts';
import type { Promises } from './promises.ts';
import { runProgram } from './stage.ts';

const CLI = join(import.meta.dirname, '../dist/cli.js');
const SAVES = 10;
const RELOAD_MS = 1_000;
const SAID_AT_FIRST = 'Lines with this word are kept.';

/** `toolyard plugin dev` follows what is saved: all but the drawing of the page, which the browser does. */
export async function measureReload(promises: Promises, home: TemporaryHome): Promise<void> {
  await runProgram(home, process.execPath, [CLI, 'plugin', 'new', 'keep-lines', '--yes']);
  const { url, key } = await open(home);
  const credentials = bearer(key);
  const reader = new EventReader(credentials);
  const reading = reader.read(`${url}/dev/changes`);
  const tool = join(home.path, 'keep-lines', 'keep-lines.tool.ts');
  const source = await readFile(tool, 'utf8');
  await eventually(() => reader.events.length > 0, 'the page is open');
  for (let save = 1; save <= SAVES; save++) {
    const words = `Said for the ${save}. time.`;
    let heard = reader.events.length;
    const knows = async (): Promise<boolean> => {
      if (reader.events.length === heard) return false;
      heard = reader.events.length;
      const answer = await fetch(`${url}/api/v1/tools/keep-lines`, { headers: credentials });
      return (await answer.text()).includes(words);
    };
    await promises.time('the page of `toolyard plugin dev` knows what was saved', RELOAD_MS, async () => {
      await writeFile(tool, source.replace(SAID_AT_FIRST, words));
      await eventually(knows, 'the page knows what was saved');
    });
  }
  reader.cut();
  await reading;
}

/** Ends with its home. */
async function open(home: TemporaryHome): Promise<{ url: string; key: string }> {
  const house = home.spawn(process.execPath, [CLI, 'plugin', 'dev', 'keep-lines'], { endSignal: 'SIGTERM' });
  let said = '';
  house.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [, url = '', key = ''] = await eventually(() => /^Open (\S+)\/dev#(\S+)$/m.exec(said), 'it is open');
  return { url, key };
}
