import { eventsOf } from './client/event.stream.js';

const ENDED = new Set(['completed', 'failed', 'cancelled']);
const TEXT_SHOWN = 20_000;

const part = (id) => document.getElementById(id);

/** One run at a time, shown as it goes. */
export class Run {
  constructor(toolyard, headers) {
    this.toolyard = toolyard;
    this.headers = headers;
    this.taskId = undefined;
    this.urls = [];
  }

  /** @param readOptions throws a sentence when one is no JSON */
  async start(tool, files, readOptions) {
    this.clear();
    try {
      const options = readOptions();
      const inputs = [];
      for (const file of files) {
        this.say(`Uploading ${file.name} …`);
        inputs.push(await this.toolyard.upload(file));
      }
      const { task_id: id } = await this.toolyard.create(tool.name, { inputs, options });
      this.taskId = id;
      part('cancel').hidden = false;
      this.say('Waiting …');
      await this.follow(id);
      await this.show(await this.toolyard.task(id));
    } catch (error) {
      this.fail(error.message, error.details);
    } finally {
      part('cancel').hidden = true;
      part('run').disabled = false;
    }
  }

  async cancel() {
    if (this.taskId) await this.toolyard.cancel(this.taskId).catch((error) => this.fail(error.message));
  }

  /** What the operator of a server would find in the log is for the author here. */
  crashed({ task_id: id, reason }) {
    if (id !== this.taskId) return;
    part('error').hidden = false;
    part('error').replaceChildren(Object.assign(document.createElement('pre'), { textContent: reason }));
  }

  async follow(id) {
    const response = await fetch(`/api/v1/tasks/${id}/events`, { headers: this.headers });
    if (!response.body) return;
    for await (const { event, data } of eventsOf(response.body, () => {})) {
      const news = JSON.parse(data);
      if (event === 'log') part('log').append(`${news.level}: ${news.message}\n`);
      else if (event === 'progress') this.advance(news);
      else if (event === 'status') this.say(`${news.status}${news.attempt > 1 ? `, attempt ${news.attempt}` : ''}`);
      if (event === 'result' && ENDED.has(news.status)) return;
    }
  }

  advance({ stage, ratio, message }) {
    part('progress').value = ratio;
    this.say(`${message ?? stage}: ${Math.round(ratio * 100)} %`);
  }

  async show(task) {
    const took = task.usage ? `, ${Math.round(task.usage.wall_ms)} ms` : '';
    this.say(`${task.status}${took}`, task.status);
    part('progress').value = 1;
    if (task.data !== null) part('data').textContent = JSON.stringify(task.data, null, 2);
    if (task.error) this.fail(`${task.error.code}: ${task.error.message}`);
    for (const output of task.outputs) part('outputs').append(await this.entry(output));
  }

  /** A link to save an output by, with what it looks like. */
  async entry({ file_id: id, name, type, size }) {
    const response = await fetch(`/api/v1/files/${id}/content`, { headers: this.headers });
    const blob = new Blob([await response.blob()], { type });
    const url = URL.createObjectURL(blob);
    this.urls.push(url);
    const entry = document.createElement('li');
    const link = Object.assign(document.createElement('a'), { href: url, download: name, textContent: name });
    entry.append(link, ` (${type}, ${size} bytes)`, ...(await preview(blob, url, name)));
    return entry;
  }

  say(text, className = '') {
    Object.assign(part('status'), { textContent: text, className });
  }

  fail(message, details) {
    part('outcome').hidden = false;
    part('error').hidden = false;
    const lines = [
      message,
      ...(details ?? []).map(({ field, message: text }) => [field, text].filter(Boolean).join(': ')),
    ];
    part('error').append(...lines.map((textContent) => Object.assign(document.createElement('p'), { textContent })));
    if (!this.taskId) this.say('refused', 'failed');
  }

  clear() {
    this.urls.splice(0).forEach((url) => URL.revokeObjectURL(url));
    this.taskId = undefined;
    part('run').disabled = true;
    part('outcome').hidden = false;
    part('error').hidden = true;
    part('progress').value = 0;
    for (const id of ['error', 'outputs', 'data', 'log']) part(id).replaceChildren();
  }
}

/** Nothing of an output is run: pictures are drawn, texts are text. */
async function preview(blob, url, name) {
  if (/^image\/(png|jpeg|gif|webp|avif)$/.test(blob.type))
    return [Object.assign(document.createElement('img'), { src: url, alt: `The output ${name}` })];
  if (!/^text\/|json|xml|yaml/.test(blob.type)) return [];
  const text = await blob.slice(0, TEXT_SHOWN).text();
  return [Object.assign(document.createElement('pre'), { textContent: text, tabIndex: 0 })];
}
