import { ToolError } from 'toolyard/sdk';

export const KINDS = ['line', 'area', 'bar', 'scatter', 'pie'] as const;
export type ChartKind = (typeof KINDS)[number];

/** What is drawn: one value of the first column against one of each other. */
export interface ChartData {
  readonly kind: ChartKind;
  readonly title: string | undefined;
  readonly x: string;
  readonly y: readonly string[];
  /** Whether values of x have an order and distances: numbers. */
  readonly isContinuous: boolean;
  readonly rows: readonly (readonly unknown[])[];
  readonly width: number;
  readonly height: number;
}

/** Draws a chart as SVG, without a browser. Names and values are escaped by the library. */
export async function drawChart(data: ChartData): Promise<string> {
  const { init } = await import('echarts');
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: data.width, height: data.height });
  try {
    chart.setOption(optionsOf(data));
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

function optionsOf(data: ChartData): Record<string, unknown> {
  const common = {
    animation: false,
    backgroundColor: '#fff',
    ...(data.title !== undefined && { title: { text: data.title, left: 'center' } }),
    legend: { bottom: 4, data: [...data.y] },
  };
  return data.kind === 'pie' ? { ...common, ...pie(data) } : { ...common, ...axes(data) };
}

function pie({ y, rows }: ChartData): Record<string, unknown> {
  if (y.length !== 1) throw new ToolError('chart_columns', 'A pie shows one column of values.');
  const data = rows.map(([name, value]) => ({ name: textOf(name), value }));
  return { legend: { show: false }, series: [{ type: 'pie', radius: '65%', data }] };
}

function axes({ kind, x, y, rows, isContinuous }: ChartData): Record<string, unknown> {
  const isValue = isContinuous && kind !== 'bar';
  const type = kind === 'area' ? 'line' : kind;
  return {
    grid: { left: 16, right: 32, top: 48, bottom: 56, containLabel: true },
    xAxis: isValue
      ? { type: 'value', name: x, nameLocation: 'middle', nameGap: 28, scale: true }
      : { type: 'category', data: rows.map(([value]) => textOf(value)) },
    yAxis: { type: 'value', scale: kind === 'scatter' },
    series: y.map((name, index) => ({
      type,
      name,
      ...(kind === 'area' && { areaStyle: {} }),
      showSymbol: rows.length <= 100,
      data: rows.map((row) => (isValue ? [row[0], row[index + 1]] : row[index + 1])),
    })),
  };
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value.slice(0, 100).toWellFormed() : JSON.stringify(value);
}
