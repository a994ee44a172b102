/** A metric's course: as eight heights of a bar inside a table, and as a Mermaid chart. */

const HEIGHTS = [...'▁▂▃▄▅▆▇█'];
const MAX_POINTS = 60;

export function sparkline(values: readonly number[], width = 16): string {
  const points = thin(values.filter(Number.isFinite), width);
  if (points.length < 2) {
    return '';
  }
  const [low, high] = range(points);
  return points
    .map((value) => {
      // Halves, since the span of two finite numbers need not be finite.
      const share = high > low ? (value / 2 - low / 2) / (high / 2 - low / 2) : 0.5;
      return HEIGHTS[Math.min(7, Math.floor(share * 8))];
    })
    .join('');
}

/**
 * A fenced Mermaid chart, or nothing when there are not two numbers to join. It is made of numbers and constant
 * words only: a metric's name stays outside, so no text can become a Mermaid command.
 */
export function mermaidChart(values: readonly number[]): string | undefined {
  const finite = values.filter(Number.isFinite);
  const points = thin(finite, MAX_POINTS);
  if (points.length < 2) {
    return undefined;
  }
  const [low, high] = range(points);
  const exponent = scale(low, high);
  const shown = points.map((value) => decimal(scaled(value, exponent)));
  const margin = high > low ? 0 : Math.max(1, Math.abs(scaled(high, exponent)) / 10);
  const from = decimal(scaled(low, exponent) - margin);
  const to = decimal(scaled(high, exponent) + margin);
  const unit = exponent === 0 ? '' : `"× 10^${exponent}" `;
  return [
    '```mermaid',
    '%%{init: {"xyChart": {"width": 760, "height": 260}, "themeVariables": {"xyChart": {"plotColorPalette": "#2f81f7"}}}}%%',
    'xychart-beta',
    `  x-axis "values" 1 --> ${finite.length}`,
    `  y-axis ${unit}${from} --> ${to}`,
    `  line [${shown.join(', ')}]`,
    '```',
  ].join('\n');
}

function range(points: readonly number[]): [low: number, high: number] {
  return [Math.min(...points), Math.max(...points)];
}

/** The first, the last, and evenly spaced ones between. */
function thin(values: readonly number[], count: number): number[] {
  if (values.length <= count) {
    return [...values];
  }
  const step = (values.length - 1) / (count - 1);
  return Array.from({ length: count }, (_, index) => values[Math.round(index * step)] ?? 0);
}

/** The power of ten to take out, as Mermaid knows no exponents and labels six digits well. */
function scale(low: number, high: number): number {
  const largest = Math.max(Math.abs(low), Math.abs(high));
  if (largest === 0 || (largest >= 0.01 && largest < 1e6)) {
    return 0;
  }
  return Math.floor(Math.log10(largest));
}

function scaled(value: number, exponent: number): number {
  // In two steps, as 10^-324 is 0 and 10^309 is not finite.
  const half = Math.trunc(exponent / 2);
  return value / 10 ** half / 10 ** (exponent - half);
}

function decimal(value: number): string {
  const text = value.toFixed(6).replace(/\.?0+$/, '');
  return text === '-0' || text === '' ? '0' : text;
}
