import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../conditions.js';
import { picture } from '../files/detection/samples.js';
import { multipart } from '../multipart.js';
import { type Platform, startPlatform } from '../platform.js';
import { exchange, RawConnection, requestHead } from '../raw-http.js';
import { listFiles, listTasks, upload } from './client.js';
import { asResponse, problemOf } from './problem.js';
import { nothingMore, openDescriptors, type Traces, traces } from './traces.js';

interface Request {
  readonly head: string;
  readonly body: Buffer;
}

const FILES = '/api/v1/files';
const PROCESS = '/api/v1/tools/image-convert/process';

let platform: Platform;
let requests: Readonly<Record<'a form' | 'a file as the body' | 'a form for a task', Request>>;

const request = (path: string, contentType: string, body: Buffer): Request => ({
  head: requestHead('POST', path, {
    ...platform.credentials,
    'Content-Type': contentType,
    'Content-Length': body.length,
  }),
  body,
});

beforeAll(async () => {
  platform = await startPlatform();
  const photo = await picture('jpeg', 120);
  const file = { name: 'file', filename: 'photo.jpg', content: photo };
  const twoFiles = multipart([file, file]);
  const task = multipart([{ name: 'options', content: '{"format":"webp"}' }, file]);
  requests = {
    'a form': request(FILES, twoFiles.contentType, twoFiles.body),
    'a file as the body': request(FILES, 'image/jpeg', photo),
    'a form for a task': request(PROCESS, task.contentType, task.body),
  };
});

afterAll(() => platform[Symbol.asyncDispose]());

/** Around every place where something begins or ends, and some between. */
const positions = ({ head, body }: Request): number[] => {
  const ends = ['\r\n\r\n', '\r\n--'].flatMap((mark) => indexesOf(Buffer.concat([Buffer.from(head), body]), mark));
  const whole = head.length + body.length;
  const spread = Array.from({ length: 8 }, (_, index) => Math.floor(head.length + (body.length * index) / 8));
  const near = [head.length + 4_100, ...ends].flatMap((at) => [at - 1, at, at + 1, at + 4, at + 5]);
  const wanted = [0, 1, head.length / 2, ...spread, ...near, whole - 1].map(Math.floor);
  return [...new Set(wanted)].filter((at) => at >= 0 && at < whole).toSorted((a, b) => a - b);
};

const indexesOf = (bytes: Buffer, mark: string): number[] => {
  const found = [];
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) found.push(at);
  return found;
};

/** Connections that the client of these tests may keep open beside those there were. */
const KEPT_ALIVE = 3;

/** What the server has open; sockets are counted, because nobody knows how many the client of these tests keeps. */
const opened = (): { files: string[]; sockets: number } => {
  const all = openDescriptors(platform.pid);
  const files = all.filter((name) => !name.startsWith('socket:'));
  return { files: files.toSorted(), sockets: all.length - files.length };
};

const nothingMoreIsOpen = async (before: ReturnType<typeof opened>): Promise<void> => {
  const isClosed = () => {
    const { files, sockets } = opened();
    return isDeepStrictEqual(files, before.files) && sockets <= before.sockets + KEPT_ALIVE;
  };
  await until(isClosed, { describe: 'the server has nothing more open than before' });
};

/** One after the other, so that each can be told from the next. */
const abortEverywhere = async (wanted: Request, kind: 'fin' | 'rst'): Promise<number> => {
  const places = positions(wanted);
  for (const at of places) {
    await exchange(platform.url, { chunks: [wanted.head, wanted.body], abort: { at, with: kind } });
  }
  return places.length;
};

describe('a client that goes away', () => {
  let before: Traces;
  let open: ReturnType<typeof opened>;

  beforeAll(async () => {
    await upload(platform, 'other.txt', 'the file of somebody else\n');
    before = await traces(platform);
    open = opened();
  });

  describe.each(['fin', 'rst'] as const)('with a %s', (kind) => {
    it.each(['a form', 'a file as the body', 'a form for a task'] as const)('leaves nothing of %s', async (name) => {
      const aborted = await abortEverywhere(requests[name], kind);

      await nothingMore(platform, before);
      await nothingMoreIsOpen(open);

      expect(aborted).toBeGreaterThan(20);
      expect((await listFiles(platform)).data.map((file) => file.name)).toEqual(['other.txt']);
      expect((await listTasks(platform)).data).toEqual([]);
    });
  });

  it('leaves nothing, whether the server reads at that moment or not', async () => {
    const { head, body } = requests['a form'];
    const connections = await Promise.all(Array.from({ length: 20 }, () => RawConnection.open(platform.url)));

    await Promise.all(
      connections.map((connection, index) =>
        connection.send(Buffer.concat([Buffer.from(head), body.subarray(0, 500 * index)])),
      ),
    );
    for (const connection of connections) connection.reset();

    await nothingMore(platform, before);
    await nothingMoreIsOpen(open);
    expect(platform.process('all').running).toBe(true);
  });

  it('hears why when it can still listen', async () => {
    const { head, body } = requests['a form'];

    const { response } = await exchange(platform.url, {
      chunks: [head, body],
      abort: { at: head.length + body.length - 20, with: 'fin' },
    });

    const problem = await problemOf(asResponse(response));
    expect(problem).toMatchObject({ status: 400, error: { type: 'validation_error' } });
  });

  it('is no error to the log', async () => {
    const lines = platform
      .logs()
      .split('\n')
      .filter((line) => line.startsWith('{'));

    const errors = lines.filter((line) => ['error', 'fatal'].includes(JSON.parse(line).level));

    expect(lines.length).toBeGreaterThan(0);
    expect(errors).toEqual([]);
  });
});
