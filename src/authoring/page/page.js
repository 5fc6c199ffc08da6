import { Toolyard } from './client/index.js';
import { eventsOf } from './client/event.stream.js';
import { drawOptions, optionsIn } from './form.js';
import { Run } from './run.js';

const RETRY_MS = 500;

const part = (id) => document.getElementById(id);
// In the address after the #, so that it is sent nowhere and stands in no log.
const key = location.hash.slice(1) || sessionStorage.getItem('key') || '';
sessionStorage.setItem('key', key);
history.replaceState(null, '', location.pathname);

const headers = { authorization: `Bearer ${key}` };
const toolyard = new Toolyard({ url: location.origin, key });
const run = new Run(toolyard, headers);
let tools = [];
let dropped = [];

/** Follows what is saved, until the page is closed; comes back when the platform was started again. */
async function follow() {
  for (;;) {
    try {
      const response = await fetch('/dev/changes', { headers });
      if (response.status === 401) {
        say('This page has no key any more: open the address in the terminal again.');
        return;
      }
      for await (const { event, data } of eventsOf(response.body, () => {})) await hear(event, JSON.parse(data));
    } catch {
      say('The platform does not answer.');
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

async function hear(event, news) {
  if (event === 'crash') run.crashed(news);
  else await stand(news);
}

/** How the plugin stands since it was last saved. */
async function stand(news) {
  const all = await toolyard.tools();
  tools = all.filter(({ name }) => news.tools.includes(name));
  say(
    news.faults.length > 0
      ? 'Something is wrong.'
      : `Loaded in ${news.took_ms} ms, at ${new Date().toLocaleTimeString()}.`,
  );
  part('title').textContent = news.title;
  document.title = news.title;
  drawFaults(news.faults);
  drawTools();
}

function say(text) {
  part('state').textContent = text;
}

function drawFaults(faults) {
  const lines = faults.map(({ file, line, reason }) => {
    const place = [file, line].filter((word) => word !== null).join(':');
    return Object.assign(document.createElement('p'), { textContent: place ? `${place}: ${reason}` : reason });
  });
  part('faults').replaceChildren(...lines);
  part('faults').hidden = lines.length === 0;
}

function drawTools() {
  const chosen = part('tool').value;
  part('tool').replaceChildren(...tools.map(({ name, title }) => new Option(`${title} (${name})`, name)));
  if (tools.some(({ name }) => name === chosen)) part('tool').value = chosen;
  part('form').hidden = tools.length === 0;
  drawTool();
}

function tool() {
  return tools.find(({ name }) => name === part('tool').value);
}

function drawTool() {
  const chosen = tool();
  if (!chosen) return;
  part('description').textContent = chosen.description;
  part('files').hidden = chosen.input_formats.length === 0 || chosen.limits.max_inputs === 0;
  part('formats').textContent = `${chosen.input_formats.join(', ')}; at most ${chosen.limits.max_inputs}.`;
  part('input').multiple = chosen.limits.max_inputs > 1;
  drawOptions(part('options'), chosen.options_schema);
}

function files() {
  if (part('files').hidden) return [];
  return dropped.length > 0 ? dropped : [...part('input').files];
}

part('tool').addEventListener('change', drawTool);
part('input').addEventListener('change', () => (dropped = []));
part('cancel').addEventListener('click', () => void run.cancel());
part('form').addEventListener('submit', (event) => {
  event.preventDefault();
  void run.start(tool(), files(), () => optionsIn(part('options')));
});
for (const name of ['dragenter', 'dragover', 'dragleave', 'drop'])
  part('files').addEventListener(name, (event) => {
    event.preventDefault();
    part('files').classList.toggle('over', name === 'dragenter' || name === 'dragover');
  });
part('files').addEventListener('drop', ({ dataTransfer }) => {
  dropped = [...dataTransfer.files];
  say(`Dropped: ${dropped.map(({ name }) => name).join(', ')}.`);
});

void follow();
