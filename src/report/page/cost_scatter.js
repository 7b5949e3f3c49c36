// Robust accuracy against latency on the host or, where they were counted, instructions on a device; the mark's area is
// the size of the weights. Labels stand beside their marks and are moved apart where they would overlap, with a thin
// line back to the mark.

import { data, interval, measured } from './data.js';
import { element, section, select } from './dom.js';
import { bytes, count, microseconds, percent, withRange } from './format.js';
import { variantScale } from './palette.js';
import { chart } from './chart.js';
import { onVariantsChange, shownVariants, variantButtons } from './variant_filter.js';

const height = 380;
const labelHeight = 15;
const labelGap = 16;  // from the mark's centre to its label

// What a variant can cost: of each a name to choose it by, its title in sentences and on the axis, its column in saved
// tables, and the cost of a variant with its text, or nothing.
const host = { name: 'Latency on this machine', title: 'latency', axis: 'median latency of one inference, \u00b5s', column: 'latency_us',
  of: (v) => (measured(v.latency_us)
    ? { cost: v.latency_us, cost_text: `${microseconds(v.latency_us)} \u00b5s (p99 ${microseconds(v.latency_us_p99)}${v.latency_disturbed ? '; the machine was busy' : ''})` } : null) };
const device = (target) => ({ name: `Instructions on ${target}`, title: `instructions on ${target}`,
  axis: `instructions of one inference on ${target}`, column: `instructions_${target}`,
  of: (v) => {
    const found = data.target_costs.find((t) => t.target === target && t.variant === v.name && t.instructions >= 0);
    return found ? { cost: found.instructions, cost_text: `${count(found.instructions)} instructions` } : null;
  } });
let axis = host;

export function costScatter() {
  const axes = [host, ...[...new Set(data.target_costs.map((t) => t.target))].map(device)]
    .filter((a) => costRows(a).length > 0);
  if (axes.length === 0) return;
  [axis] = axes;
  const drawing = chart({
    name: 'cost',
    title: () => `Robust accuracy against ${axis.title}`,
    summary: () => {
      const rows = costRows();
      const best = rows.reduce((a, b) => (b.value > a.value ? b : a));
      const fastest = rows.reduce((a, b) => (b.cost < a.cost ? b : a));
      return `Most robust: ${best.variant}, ${percent(best.value)} % at ${best.cost_text}. ` +
        `Fastest: ${fastest.variant}, ${fastest.cost_text}. The tables have all numbers.`;
    },
    draw: (context) => drawScatter(context, costRows().filter((r) => shownVariants().includes(r.variant))),
    rows: () => costRows().map(({ variant, cost, value, lo, hi, weights }) =>
      ({ variant, [axis.column]: cost, robust_accuracy: value, lo, hi, weight_bytes: weights })),
    controls: element('div', { class: 'controls' }, axisChoice(axes, () => drawing.redraw()), variantButtons()),
    caption: 'Up and to the left is better. Bars are 95 % intervals; hollow marks are controls. ' + sizes(),
  });
  onVariantsChange(drawing.redraw);
  section('cost', 'Robustness against cost', 'Cost',
    element('p', {}, 'What a variant costs, and what it still gets right on average over all faults and severities.'), drawing.node);
}

function axisChoice(axes, changed) {
  if (axes.length === 1) return '';
  return select('Cost', axes.map((a, i) => [i, a.name]), (chosen) => {
    axis = axes[chosen];
    changed();
  });
}

// What the marks' areas mean, by their extremes.
function sizes() {
  const known = costRows().filter((r) => r.weights > 0).sort((a, b) => a.weights - b.weights);
  if (known.length === 0) return '';
  return `The area of a mark is the size of its weights, from ${bytes(known[0].weights)} to ${bytes(known.at(-1).weights)}.`;
}

function costRows(of = axis) {
  return data.variants.flatMap((v) => {
    const x = interval(v.robust_accuracy);
    const cost = of.of(v);
    if (!measured(x.value) || cost === null) return [];
    return [{ variant: v.name, control: v.control, ...cost, ...x,
      weights: Math.max(v.weight_bytes, 0), accuracy_text: withRange(x, percent) + ' %', weights_text: bytes(v.weight_bytes) }];
  });
}

function drawScatter({ width, themeName }, rows) {
  const all = costRows();
  const names = data.variants.map((v) => v.name);
  const plotWidth = width - 62;
  const labelWidth = 7 * Math.max(...names.map((n) => Math.min(n.length, 24))) + labelGap;

  // Scales are made here, not by Vega-Lite, because the labels' places depend on them.
  const costs = all.map((r) => r.cost);
  const [least, most] = [Math.min(...costs), Math.max(...costs)];
  const log = most > 8 * least;
  const forward = log ? Math.log : (x) => x;
  const backward = log ? Math.exp : (x) => x;
  const span = forward(most) - forward(least) || Math.abs(forward(most)) || 1;
  const inner = Math.max(plotWidth - labelWidth - 30, 60);
  const start = forward(least) - (span * 30) / inner;
  const x = { start, perPixel: span / inner };
  const xDomain = [backward(start), backward(start + x.perPixel * plotWidth)];
  const ends = all.flatMap((r) => [r.value, r.lo, r.hi]).filter(measured);
  const margin = Math.max(0.05 * (Math.max(...ends) - Math.min(...ends)), 0.01);
  const yDomain = [Math.max(0, Math.min(...ends) - margin), Math.min(1, Math.max(...ends) + margin)];
  const perPixel = (yDomain[1] - yDomain[0]) / height;

  const placed = moveApart(rows.map((r) => ({ row: r, left: (forward(r.cost) - x.start) / x.perPixel,
    at: (yDomain[1] - r.value) / perPixel })), labelWidth)
    .map(({ row, left, at }) => ({ ...row, label_y: yDomain[1] - at * perPixel,
      label_x: backward(x.start + (left + labelGap) * x.perPixel), lead_x: backward(x.start + (left + labelGap - 2) * x.perPixel) }));

  const colour = { field: 'variant', type: 'nominal', scale: variantScale(names, themeName), legend: null };
  const xOf = (field) => ({ field, type: 'quantitative', scale: { type: log ? 'log' : 'linear', domain: xDomain, nice: false, zero: false },
    axis: { title: axis.axis, grid: false, tickCount: Math.max(3, Math.floor(plotWidth / 110)), format: '~s' } });
  const yOf = (field) => ({ field, type: 'quantitative', scale: { domain: yDomain, nice: false, zero: false },
    axis: { title: 'robust accuracy', format: '.0%', tickCount: 6 } });
  return {
    data: { values: placed },
    width, height: height + 46,
    autosize: { type: 'fit', contains: 'padding' },
    padding: 2,
    layer: [
      { transform: [{ filter: 'isValid(datum.lo)' }], mark: { type: 'rule', strokeWidth: 1.6, opacity: 0.75 },
        encoding: { x: xOf('cost'), y: yOf('lo'), y2: { field: 'hi' }, color: colour } },
      { mark: { type: 'rule', strokeWidth: 0.8, opacity: 0.6 },
        encoding: { x: xOf('cost'), x2: { field: 'lead_x' }, y: yOf('value'), y2: { field: 'label_y' }, color: colour } },
      { mark: { type: 'point', opacity: 1, strokeWidth: 1.8 },
        encoding: { x: xOf('cost'), y: yOf('value'), color: colour,
          fill: { field: 'variant', type: 'nominal', legend: null, scale: { domain: names,
            range: data.variants.map((v, i) => (v.control ? 'transparent' : variantScale(names, themeName).range[i])) } },
          shape: { field: 'variant', type: 'nominal', scale: variantScale(names, 'shape'), legend: null },
          size: { field: 'weights', type: 'quantitative', scale: { type: 'linear', domain: [0, Math.max(...all.map((r) => r.weights), 1)], range: [20, 420] },
            legend: null },
          tooltip: [{ field: 'variant', title: 'variant' }, { field: 'accuracy_text', title: 'robust accuracy' },
            { field: 'cost_text', title: 'cost' }, { field: 'weights_text', title: 'weights' }] } },
      { mark: { type: 'text', align: 'left', baseline: 'middle', fontSize: 11.5, limit: 170 },
        encoding: { x: xOf('label_x'), y: yOf('label_y'), text: { field: 'variant' }, color: colour } },
    ],
  };
}

// Labels in pixels: `left` is fixed, `at` (from the top) moves. Each pair that overlaps is pushed apart by
// half of its overlap, again and again; a hundred rounds settle dozens of labels.
function moveApart(labels, labelWidth) {
  const sorted = [...labels].sort((a, b) => a.at - b.at);
  for (let round = 0; round < 100; ++round) {
    for (let i = 0; i < sorted.length; ++i) {
      for (let j = i + 1; j < sorted.length; ++j) {
        const [a, b] = [sorted[i], sorted[j]];
        const overlap = labelHeight - (b.at - a.at);
        if (Math.abs(a.left - b.left) > labelWidth || overlap <= 0 || b.at < a.at - labelHeight) continue;
        a.at -= overlap / 2;
        b.at += overlap / 2;
      }
    }
    for (const label of sorted) label.at = Math.min(Math.max(label.at, labelHeight / 2), height - labelHeight / 2);
    sorted.sort((a, b) => a.at - b.at);
  }
  return sorted;
}
