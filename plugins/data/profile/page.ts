import type { TableReport } from '../tables/table.ts';
import type { Bar, ColumnProfile } from './column.ts';

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1b1f24;background:#fff}
h1{font-size:1.5rem;overflow-wrap:anywhere}section{border-top:1px solid #d0d7de;padding:1rem 0;display:grid;grid-template-columns:1fr 1fr;gap:1rem}
h2{font-size:1.1rem;margin:0;grid-column:1/-1;overflow-wrap:anywhere}h2 small{font-weight:400;color:#57606a}
table{border-collapse:collapse;width:100%}td{padding:.1rem .5rem .1rem 0;vertical-align:top;overflow-wrap:anywhere}td:first-child{color:#57606a;white-space:nowrap}
svg{width:100%;height:auto}svg rect{fill:#2f6feb}svg text{font:11px system-ui,sans-serif;fill:#1b1f24}
@media(max-width:40rem){section{grid-template-columns:1fr}}
@media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}section{border-color:#30363d}svg text{fill:#e6edf3}td:first-child,h2 small{color:#9198a1}}`;

const WIDTH = 440;
const BAR_HEIGHT = 20;
const LABEL_WIDTH = 180;
const LABEL_CHARACTERS = 26;
const PLOT_HEIGHT = 140;

/** A page that needs nothing but itself. Everything that comes from the file is escaped. */
export function profilePage({ name, rows, rejected }: TableReport, columns: readonly ColumnProfile[]): string {
  const title = escape(name);
  const refused = rejected?.count ? `, ${figure(rejected.count)} rejected` : '';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Profile of ${title}</title><style>${STYLE}</style></head>
<body><h1>${title}</h1><p>${figure(rows)} rows${refused}, ${figure(columns.length)} columns</p>
${columns.map(section).join('\n')}
</body></html>
`;
}

function section(column: ColumnProfile): string {
  const facts = factsOf(column).map(([label, value]) => `<tr><td>${label}</td><td>${escape(value)}</td></tr>`);
  const chart = column.histogram.length > 1 ? plot(column.histogram) : list(column.top);
  return `<section><h2>${escape(column.name)} <small>${column.type}</small></h2><table>${facts.join('')}</table>${chart}</section>`;
}

function factsOf(column: ColumnProfile): [string, string][] {
  const { count, nulls, distinct, estimated, lengths, quantiles } = column;
  const share = count > 0 ? ` (${((100 * nulls) / count).toFixed(1)} %)` : '';
  const facts: [string, unknown][] = [
    ['missing', `${figure(nulls)}${share}`],
    ['distinct', `${estimated ? 'about ' : ''}${figure(distinct)}`],
    ['smallest', column.min],
    ['largest', column.max],
    ['mean', column.mean],
    ['standard deviation', column.standard_deviation],
    [
      'quarter, half, three quarters',
      quantiles && [quantiles['p25'], quantiles['p50'], quantiles['p75']].map(text).join(', '),
    ],
    ['length', lengths && `${lengths.min} to ${lengths.max}, mean ${lengths.mean.toFixed(1)}`],
  ];
  return facts.flatMap(([label, value]) => (value === null || value === undefined ? [] : [[label, text(value)]]));
}

/** Bars that lie, with what they stand for beside them. */
function list(bars: readonly Bar[]): string {
  const most = Math.max(1, ...bars.map(({ count }) => count));
  const rows = bars.map(({ label, count }, index) => {
    const y = index * BAR_HEIGHT;
    const width = ((WIDTH - LABEL_WIDTH - 60) * count) / most;
    const bar = `<rect x="${LABEL_WIDTH}" y="${y + 3}" width="${width.toFixed(1)}" height="${BAR_HEIGHT - 6}"/>`;
    const cut = label.length > LABEL_CHARACTERS ? `${label.slice(0, LABEL_CHARACTERS).toWellFormed()}…` : label;
    return `<text x="0" y="${y + 14}">${escape(cut)}</text>${bar}<text x="${LABEL_WIDTH + width + 4}" y="${y + 14}">${figure(count)}</text>`;
  });
  return `<svg viewBox="0 0 ${WIDTH} ${Math.max(bars.length, 1) * BAR_HEIGHT}" role="img">${rows.join('')}</svg>`;
}

/** Bars that stand beside each other. What each stands for is told under the pointer. */
function plot(bars: readonly Bar[]): string {
  const most = Math.max(1, ...bars.map(({ count }) => count));
  const step = WIDTH / bars.length;
  const drawn = bars.map(({ label, count }, index) => {
    const height = (PLOT_HEIGHT * count) / most;
    const place = `x="${(index * step).toFixed(1)}" y="${(PLOT_HEIGHT - height).toFixed(1)}"`;
    return `<rect ${place} width="${(step - 2).toFixed(1)}" height="${height.toFixed(1)}"><title>${escape(label)}: ${figure(count)}</title></rect>`;
  });
  const [from] = bars[0]?.label.split(' to ') ?? [];
  const to = bars.at(-1)?.label.split(' to ')[1];
  const ends = `<text x="0" y="${PLOT_HEIGHT + 16}">${escape(from ?? '')}</text><text x="${WIDTH}" y="${PLOT_HEIGHT + 16}" text-anchor="end">${escape(to ?? '')}</text>`;
  return `<svg viewBox="0 0 ${WIDTH} ${PLOT_HEIGHT + 22}" role="img">${drawn.join('')}${ends}</svg>`;
}

function text(value: unknown): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(8)));
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function figure(value: number): string {
  return value.toLocaleString('en-US');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters are shown as their pictures. */
function escape(value: string): string {
  return value
    .toWellFormed()
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
    .replaceAll(/\p{Cc}/gu, '\u2423');
}
