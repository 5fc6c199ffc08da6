import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Task, Toolyard } from '../../src/client/index.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const PATH = '/api/v1/tasks/1';
const task = (status: Task['status'], ratio: number): Task =>
  ({ task_id: '1', status, progress: { ratio, message: null }, outputs: [] }) as unknown as Task;
const events = (...lines: string[]): string => `${lines.join('\n')}\n\n`;

const problem = (response: ServerResponse, status: number, code: string, headers = {}) => {
  response.writeHead(status, { 'content-type': 'application/problem+json', ...headers });
  response.end(JSON.stringify({ error: { code, type: 'x', message: 'x', details: [], retryable: status >= 500 } }));
};
const document = (status: Task['status']) => (_: IncomingMessage, response: ServerResponse) => {
  response.writeHead(200, { 'content-type': 'application/json', 'retry-after': '0' });
  response.end(JSON.stringify(task(status, status === 'completed' ? 1 : 0)));
};
const stream = (text: string) => (_: IncomingMessage, response: ServerResponse) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(text);
};

/** Servers as they may be some day, or as something before them makes them. */
describe('following a task', () => {
  let server: Server;
  let toolyard: Toolyard;
  let answers: Record<string, Answer>;
  let asked: { url: string; lastEventId: string | undefined; prefer: string | undefined }[];

  beforeEach(async () => {
    asked = [];
    server = createServer((request, response) => {
      const { 'last-event-id': lastEventId, prefer } = request.headers;
      asked.push({ url: request.url ?? '', lastEventId: lastEventId?.toString(), prefer: prefer?.toString() });
      const answer = answers[request.url ?? ''];
      if (answer) answer(request, response);
      else problem(response, 404, 'not_found');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    toolyard = new Toolyard({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const urls = () => asked.map(({ url }) => url);

  it('goes by its events', async () => {
    const seen: number[] = [];
    answers = {
      [`${PATH}/events`]: stream(
        events('id: 1', 'event: status', `data: ${JSON.stringify(task('processing', 0))}`) +
          events('id: 2', 'event: progress', 'data: {"ratio":0.5,"message":null}') +
          events('id: 3', 'event: log', 'data: "half of it"') +
          events('id: 4', 'event: result', `data: ${JSON.stringify(task('completed', 1))}`),
      ),
      [PATH]: document('completed'),
    };

    const { status } = await toolyard.follow('1', { onTask: ({ progress }) => seen.push(progress.ratio) });

    expect(status).toBe('completed');
    expect(seen).toEqual([0, 0.5, 1, 1]);
    expect(urls()).toEqual([`${PATH}/events`, PATH]);
  });

  it('goes on after the last event that it has seen, when the stream breaks', async () => {
    let times = 0;
    answers = {
      [`${PATH}/events`]: (request, response) => {
        times += 1;
        if (times === 1) stream(events('id: 7', `data: ${JSON.stringify(task('processing', 0))}`))(request, response);
        else if (times === 2) problem(response, 503, 'unavailable');
        else stream(events('id: 8', `data: ${JSON.stringify(task('completed', 1))}`))(request, response);
      },
      [PATH]: (request, response) => document(times < 3 ? 'processing' : 'completed')(request, response),
    };

    const { status } = await toolyard.follow('1');

    expect(status).toBe('completed');
    expect(asked.filter(({ url }) => url.endsWith('/events')).map(({ lastEventId }) => lastEventId)).toEqual([
      undefined,
      '7',
      '7',
    ]);
  });

  it('asks for the task when it had ended before', async () => {
    answers = { [`${PATH}/events`]: (_, response) => response.writeHead(204).end(), [PATH]: document('failed') };

    await expect(toolyard.follow('1')).resolves.toMatchObject({ status: 'failed' });
  });

  it.each([
    ['there are none', (_: IncomingMessage, response: ServerResponse) => problem(response, 404, 'not_found')],
    ['something else is answered', document('pending')],
  ])('asks again and again for the task when %s', async (_, answer) => {
    let times = 0;
    answers = {
      [`${PATH}/events`]: answer,
      [PATH]: (request, response) => {
        times += 1;
        if (times === 2) response.writeHead(304, { 'retry-after': '0' }).end();
        else document(times < 4 ? 'processing' : 'completed')(request, response);
      },
    };

    await expect(toolyard.follow('1')).resolves.toMatchObject({ status: 'completed' });
    expect(urls()).toEqual([`${PATH}/events`, PATH, PATH, PATH, PATH]);
    expect(asked.at(-1)?.prefer).toBe('wait=20');
  });

  it('waits as long as the server wants', async () => {
    const times: number[] = [];
    answers = {
      [`${PATH}/events`]: (request, response) => {
        times.push(performance.now());
        if (times.length === 1) problem(response, 503, 'unavailable', { 'retry-after': '2' });
        else stream(events(`data: ${JSON.stringify(task('completed', 1))}`))(request, response);
      },
      [PATH]: document('completed'),
    };

    await expect(toolyard.follow('1')).resolves.toMatchObject({ status: 'completed' });

    const [first = 0, second = 0] = times;
    expect(second - first).toBeGreaterThan(1_950);
  });

  it('does not wait when it is put off for longer than a minute', async () => {
    answers = {
      [`${PATH}/events`]: (_, response) => problem(response, 503, 'unavailable', { 'retry-after': '3600' }),
    };

    await expect(toolyard.follow('1')).rejects.toMatchObject({ code: 'unavailable', retryAfterMs: 3_600_000 });
    expect(urls()).toEqual([`${PATH}/events`]);
  });

  it('does not go on when the task does not exist', async () => {
    answers = { [`${PATH}/events`]: (_, response) => problem(response, 404, 'task_not_found') };

    await expect(toolyard.follow('1')).rejects.toMatchObject({ code: 'task_not_found' });
  });

  it('ends when its signal aborts', async () => {
    const controller = new AbortController();
    answers = {
      [`${PATH}/events`]: (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': here\n\n');
        controller.abort(new Error('enough'));
      },
    };

    await expect(toolyard.follow('1', { signal: controller.signal })).rejects.toThrow('enough');
  });
});
