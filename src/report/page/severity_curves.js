// Accuracy (or another measure) against severity, one small panel for each fault, a line with its 95 %
// band for each variant.

import { applicableFaults, conditionName, data, faultNames, interval, measured, result, severities } from './data.js';
import { element, section, select } from './dom.js';
import { percent, range, withRange } from './format.js';
import { variantScale } from './palette.js';
import { chart, panelColumns } from './chart.js';
import { table, estimate } from './table.js';
import { variantCell } from './summary_table.js';
import { onVariantsChange, shownVariants, variantButtons } from './variant_filter.js';

const measures = [
  { member: 'accuracy', title: 'Accuracy', of: (r) => interval(r.accuracy) },
  { member: 'macro_f1', title: 'Macro-F1', of: (r) => interval(r.macro_f1) },
  { member: 'ece', title: 'Calibration error (ECE)', of: (r) => ({ value: r.ece, lo: null, hi: null }) },
  { member: 'flip_rate', title: 'Flip rate', of: (r) => ({ value: r.flip_rate, lo: null, hi: null }) },
].filter((m) => data.results.some((r) => measured(m.of(r).value)));

export function severityCurves() {
  if (faultNames.length === 0 || measures.length === 0) return;
  let measure = measures[0];
  const drawing = chart({
    name: 'severity',
    title: () => `${measure.title} against severity, fault by fault`,
    summary: () => describeCurves(measure),
    draw: (context) => drawCurves(context, measure, curveRows(measure, shownVariants())),
    rows: () => curveRows(measure).map(({ label, ...row }) => row),
    controls: element('div', { class: 'controls' },
      measures.length > 1 ? select('Measure', measures.map((m) => [m.member, m.title]), (member) => {
        measure = measures.find((m) => m.member === member);
        drawing.redraw();
      }) : '', variantButtons()),
    caption: 'Severity 0 is the clean signal. Bands are 95 % intervals over training seeds, subjects and windows. ' +
      'The same fault realizations were given to every variant.',
  });
  onVariantsChange(drawing.redraw);

  const left = data.faults.filter((f) => f.not_applicable !== '');
  section('severity', 'Accuracy against severity', 'Severity',
    element('p', {}, 'How fast each variant loses accuracy as a sensor fault grows. Click a variant to hide or show it.'),
    drawing.node,
    left.length === 0 ? '' : element('p', { class: 'note' }, 'Not applicable to this data set, and counted neither way: ',
      left.map((f) => `${f.name} (${f.not_applicable})`).join('; '), '.'),
    robustAtTable(),
    element('details', {}, element('summary', {}, 'What the severities mean'), faultTable()),
    curveNumbers());
}

function curveRows(measure, variants = data.variants.map((v) => v.name)) {
  return faultNames.flatMap((fault) => variants.flatMap((variant) => severities.flatMap((severity) => {
    const r = result(variant, fault, severity);
    const x = r && measure.of(r);
    if (!x || !measured(x.value)) return [];
    return [{ fault, variant, severity, value: x.value, lo: x.lo, hi: x.hi,
      condition: conditionName(fault, severity), label: withRange(x, percent) + ' %' }];
  })));
}

function describeCurves(measure) {
  const last = severities.at(-1);
  const ends = curveRows(measure).filter((r) => r.severity === last);
  const worst = ends.reduce((a, b) => (b.value < a.value ? b : a), ends[0]);
  return `${measure.title} of ${data.variants.length} variants under ${faultNames.join(', ')} at severities 0 to ${last}. ` +
    (worst ? `Lowest at severity ${last}: ${worst.variant} under ${worst.fault}, ${percent(worst.value)} %. ` : '') +
    'The table below the chart has all numbers.';
}

function drawCurves({ width, colours, themeName, forPaper }, measure, rows) {
  // All variants set the scale, so that it stays put while lines are hidden.
  const all = curveRows(measure).flatMap((r) => [r.value, r.lo, r.hi]).filter(measured);
  const domain = [Math.min(...all), Math.max(...all)];
  const names = data.variants.map((v) => v.name);
  const columns = panelColumns(faultNames.length, Math.floor(width / (forPaper ? 260 : 290)));
  const axisWidth = 52;
  const panel = Math.floor((width - columns * axisWidth - (columns - 1) * 14 - 4) / columns);
  const legend = forPaper ? { title: null, orient: 'bottom', columns: 5, symbolOpacity: 1, values: shownVariants() } : null;
  const colour = { field: 'variant', type: 'nominal', scale: variantScale(names, themeName), legend };
  const y = { field: 'value', type: 'quantitative', scale: { domain, nice: true, zero: false },
    axis: { format: '.0%', title: null, tickCount: 5 } };
  return {
    data: { values: rows },
    facet: { field: 'fault', type: 'nominal', title: null, sort: faultNames, header: { labelAnchor: 'start', labelPadding: 6 } },
    columns,
    spacing: { row: 22, column: 14 },
    resolve: { axis: { x: 'independent', y: 'independent' } },
    spec: {
      width: panel,
      height: Math.max(150, Math.min(220, Math.round(panel * 0.62))),
      encoding: {
        x: { field: 'severity', type: 'quantitative', scale: { nice: false },
          axis: { values: severities, format: 'd', grid: false, title: 'severity', labelFlush: false } },
        color: colour,
      },
      layer: [
        ...(rows.some((r) => measured(r.lo)) ? [{ mark: { type: 'area', opacity: 0.1, line: false },
          transform: [{ filter: 'isValid(datum.lo)' }], encoding: { y: { ...y, field: 'lo' }, y2: { field: 'hi' } } }] : []),
        { mark: { type: 'line', strokeWidth: 1.8 },
          encoding: { y, strokeDash: { field: 'variant', type: 'nominal', scale: variantScale(names, 'dash'), legend } } },
        { mark: { type: 'point', size: 26, strokeWidth: 1.4, opacity: 1 },
          encoding: { y,
            shape: { field: 'variant', type: 'nominal', scale: variantScale(names, 'shape'), legend },
            fill: { field: 'variant', type: 'nominal', legend, scale: { domain: names,
              range: data.variants.map((v, i) => (v.control ? colours.background : variantScale(names, themeName).range[i])) } },
            tooltip: [{ field: 'variant', title: 'variant' }, { field: 'condition', title: 'condition' },
              { field: 'label', title: measure.title }] } },
      ],
    },
  };
}

function robustAtTable() {
  const levels = severities.filter((s) => s > 0);
  if (!data.variants.some((v) => v.robust_accuracy_at.length > 0)) return '';
  const at = (v, s) => interval(v.robust_accuracy_at[levels.indexOf(s)] ?? [null, null, null]);
  return element('div', {}, element('h3', {}, 'Robust accuracy at each severity'),
    table('Mean accuracy over the faults at each severity, %', [
      { title: 'Variant', head: true, cell: variantCell, value: (v) => v.name },
      ...levels.map((s) => ({ title: `Severity ${s}`, numeric: true, value: (v) => at(v, s).value,
        cell: (v) => estimate(percent(at(v, s).value), range(at(v, s), percent)) })),
    ], data.variants, { rowClass: (v) => (v.control ? 'control' : undefined) }));
}

function faultTable() {
  const levels = severities.filter((s) => s > 0);
  return table('Faults and their parameters', [
    { title: 'Fault', head: true, cell: (f) => f.name },
    { title: 'What it does', cell: (f) => f.description },
    { title: 'Parameter', cell: (f) => f.parameter },
    ...levels.map((s) => ({ title: `Severity ${s}`, numeric: true, cell: (f) => String(f.levels[s - 1] ?? '\u2013') })),
  ], applicableFaults, { narrow: true });
}

// Built when it is opened: it has a row for each variant and fault.
function curveNumbers() {
  const details = element('details', { toggle: () => {
    if (details.childElementCount > 1) return;
    const rows = faultNames.flatMap((fault) => data.variants.map((variant) => ({ fault, variant })));
    const at = (row, s) => {
      const r = result(row.variant.name, row.fault, s);
      return r ? interval(r.accuracy) : { value: null };
    };
    details.append(table('Accuracy at each severity, %', [
      { title: 'Fault', head: true, cell: (row) => row.fault, value: (row) => row.fault },
      { title: 'Variant', cell: (row) => variantCell(row.variant), value: (row) => row.variant.name },
      ...severities.map((s) => ({ title: s === 0 ? 'Clean' : `Severity ${s}`, numeric: true, value: (row) => at(row, s).value,
        cell: (row) => estimate(percent(at(row, s).value), range(at(row, s), percent)) })),
    ], rows));
  } }, element('summary', {}, 'The numbers behind this figure'));
  return details;
}
