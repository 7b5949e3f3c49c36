// The table of docs/metrics.md: one row a variant. The best value of a column is set in bold only where its
// interval lies apart from those of all other variants.

import { data, interval, measured } from './data.js';
import { element, section } from './dom.js';
import { bytes, macs, microseconds, percent, range, ratio, withRange } from './format.js';
import { swatch } from './palette.js';
import { estimate, table } from './table.js';

export function variantCell({ name, control, simulated, baseline }) {
  return element('span', { class: 'variant-name' }, baseline ? '' : swatch(name), element('span', {}, name),
    control ? element('span', { class: 'tag' }, 'control') : '',
    baseline ? element('span', { class: 'tag' }, 'baseline') : '',
    simulated ? element('span', { class: 'tag', title: 'Activations of fewer than 8 bits: accuracy is theirs, time and arena are int8\u2019s' }, 'simulated') : '');
}

const disturbedNote = '? timed while the machine was busy, so that it may be less: edgeproof study \u2026 --retime on an idle ' +
  'machine times it again.';

// "9.4", or "9.4?" where the machine was busy.
export const latencyText = (v) => microseconds(v.latency_us) + (v.latency_disturbed ? '?' : '');

export function summaryTable() {
  const columns = [
    { title: 'Variant', head: true, cell: variantCell, value: (v) => v.name },
    ...data.metrics.map(metricColumn),
    { title: 'Latency, \u00b5s', hint: 'Median, and 99th percentile', numeric: true, value: (v) => v.latency_us,
      given: (v) => measured(v.latency_us),
      cell: (v) => estimate(latencyText(v), measured(v.latency_us_p99) ? `p99 ${microseconds(v.latency_us_p99)}` : '') },
    plain('Weights', 'weight_bytes', bytes, 'Size of the weights'),
    plain('Coded', 'coded_weight_bytes', bytes, 'Size of the weights when they are stored Huffman-coded, to be decoded before they are used'),
    plain('Arena', 'arena_bytes', bytes, 'Peak memory of the activations'),
    plain('MACs', 'macs', macs, 'Multiplications of one inference'),
  ].filter((c) => c.given === undefined || data.variants.some(c.given));

  section('summary', 'Summary', 'Summary',
    element('p', {}, 'One row for each variant. Under every estimate stands its 95 % interval. ',
      data.interval_method, ' Bold: better than every other variant, with intervals that do not touch. ',
      'Rows marked ', element('span', { class: 'tag' }, 'control'),
      ' are the control arms that tell the effects of bits, of longer training and of training with faults apart; they',
      ' may be shipped like any other.'),
    table('Accuracy, robustness and cost of every variant', columns, [...data.variants, ...baselineRows()],
      { rowClass: (v) => (v.control || v.baseline ? 'control' : undefined) }),
    data.variants.some((v) => v.no_better.length > 0) ? element('p', { class: 'note' },
      `! No better than ${data.baseline.name}, which answers \u2018${data.baseline.answer}\u2019 to every window.`) : '',
    data.variants.some((v) => v.latency_disturbed) ? element('p', { class: 'note' }, disturbedNote) : '',
    data.latency_method ? element('p', { class: 'note' }, `Latency: ${data.latency_method}`) : '',
    data.error_free_faults.length === 0 ? '' : element('p', { class: 'note' },
      `mFE leaves out ${data.error_free_faults.join(', ')}: fp32 makes no error there.`),
    data.comparisons.length === 0 ? '' : comparisonTable(),
    element('details', {}, element('summary', {}, 'How each variant was made'),
      table('Variants', [
        { title: 'Variant', head: true, cell: variantCell },
        { title: 'Made by', cell: (v) => v.description },
      ], data.variants, { narrow: true })));
}

function metricColumn({ key, title, meaning, is_share: share, higher_is_better: higher, names_fault: namesFault }) {
  const format = share ? percent : ratio;
  const of = (v) => interval(v[key]);
  const best = bestApart(data.variants.map((v) => ({ v, x: of(v) })), higher ? 1 : -1);
  return { title: sentenceCase(title) + (share ? ', %' : ''), hint: higher ? meaning : `${meaning}; less is better`,
    numeric: true, value: (v) => of(v).value, given: (v) => measured(of(v).value), class: (v) => (v === best ? 'best' : ''),
    cell: (v) => estimate((v.no_better.includes(key) ? '! ' : '') + format(of(v).value), v.baseline ? '' : range(of(v), format),
      namesFault ? v.worst_fault : '') };
}

// The constant answer as a row of the table; none where there are no results.
function baselineRows() {
  const { name, answer, metrics } = data.baseline;
  if (answer === '') return [];
  const values = data.metrics.map(({ key }) => [key, Array(3).fill(metrics[key] ?? null)]);
  return [{ name, baseline: true, no_better: [], worst_fault: '', latency_us: null, weight_bytes: -1, coded_weight_bytes: -1,
    arena_bytes: -1, macs: -1, ...Object.fromEntries(values) }];
}

// "robust accuracy" -> "Robust accuracy"; "mFE" stays as it is.
const sentenceCase = (title) => (/^[a-z][A-Z]/.test(title) ? title : title[0].toUpperCase() + title.slice(1));

function plain(title, member, format, hint) {
  return { title, hint, numeric: true, cell: (v) => format(v[member]), given: (v) => v[member] >= 0,
    value: (v) => (v[member] < 0 ? null : v[member]) };
}

// The one variant whose interval lies wholly on the better side of all others', if there is one. `better`: 1 if more
// is better, -1 if less is.
export function bestApart(entries, better) {
  if (entries.length < 2 || !entries.every(({ x }) => measured(x.lo) && measured(x.hi))) return undefined;
  const near = (x) => (better > 0 ? x.lo : -x.hi);  // the worse end
  const far = (x) => (better > 0 ? x.hi : -x.lo);   // the better end
  return entries.find((e) => entries.every((other) => other === e || near(e.x) > far(other.x)))?.v;
}

function comparisonTable() {
  const points = (x) => (measured(x) ? `${x < 0 ? '\u2212' : '+'}${Math.abs(100 * x).toFixed(1)}` : '\u2013');
  const difference = (c) => interval(c.difference);
  return element('div', {}, element('h3', {}, 'Paired comparisons'),
    element('p', {}, 'Differences on identical windows and identical fault realizations, in points; p after Holm\u2019s correction over each table.'),
    ...[...new Set(data.comparisons.map((c) => c.metric))].map((metric) => table(`Paired differences in ${metric}`, [
      { title: 'Comparison', head: true, cell: (c) => `${c.a} against ${c.b}`, value: (c) => c.a },
      { title: 'Metric', cell: (c) => c.metric, value: (c) => c.metric },
      { title: 'Difference', numeric: true, value: (c) => difference(c).value,
        cell: (c) => withRange({ value: difference(c).value, lo: difference(c).lo, hi: difference(c).hi }, points) },
      { title: 'p', numeric: true, value: (c) => c.p_value,
        cell: (c) => (!measured(c.p_value) ? '\u2013' : c.p_value < 0.001 ? '< 0.001' : c.p_value.toFixed(3)) },
      { title: 'Verdict', cell: (c) => c.verdict, value: (c) => c.verdict },
    ], data.comparisons.filter((c) => c.metric === metric), { narrow: true })));
}
