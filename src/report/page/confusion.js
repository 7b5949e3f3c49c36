// Confusion matrices, one variant and one condition at a time, with what follows for each class.

import { conditionName, data, faultNames, measured, result, severities } from './data.js';
import { element, section, select } from './dom.js';
import { count, percent } from './format.js';
import { chart } from './chart.js';
import { heatmapLayers } from './heatmap.js';
import { table } from './table.js';

const matrices = data.results.filter((r) => r.confusion.length > 0);
const classes = data.dataset.classes;

export function confusion() {
  if (matrices.length === 0) return;
  const shown = { variant: matrices[0].variant, fault: matrices[0].fault, severity: matrices[0].severity };
  const current = () => result(shown.variant, shown.fault, shown.severity);
  const where = () => `${shown.variant}, ${conditionName(shown.fault, shown.severity)}`;
  const classBox = element('div', { class: 'classes' });

  const drawing = chart({
    name: 'confusion',
    title: () => `Confusion matrix: ${where()}`,
    summary: () => {
      const cells = matrixRows(current()).filter((c) => c.truth !== c.predicted);
      const worst = cells.reduce((a, b) => (b.value > a.value ? b : a), cells[0]);
      return (worst ? `Most frequent mistake: ${worst.truth} taken for ${worst.predicted}, ${percent(worst.value)} % of its windows.` : '');
    },
    draw: (context) => drawConfusion(context, matrixRows(current())),
    rows: () => matrixRows(current()).map((c) => ({ variant: shown.variant, fault: shown.fault || 'clean', severity: shown.severity,
      truth: c.truth, predicted: c.predicted, windows: c.windows })),
    controls: element('div', { class: 'controls' },
      select('Variant', variantsWithMatrices().map((name) => [name, name]), (name) => { shown.variant = name; update(); }),
      select('Condition', conditions(), (value) => {
        [shown.fault, shown.severity] = JSON.parse(value);
        update();
      })),
    caption: 'Rows are the true classes, columns the predicted ones. Colour is the share of the row, the numbers are windows over all seeds.',
    paperWidth: 640,
  });
  function update() {
    drawing.redraw();
    fillClasses();
  }
  function fillClasses() {
    classBox.replaceChildren(classTable(current(), where()));
  }
  fillClasses();
  section('confusion', 'Confusion matrices', 'Confusion',
    element('p', {}, 'Which classes are taken for which, clean and under every fault.'),
    element('div', { class: 'beside' }, drawing.node, classBox));
}

const variantsWithMatrices = () => [...new Set(matrices.map((r) => r.variant))];

function conditions() {
  const has = (fault, severity) => matrices.some((r) => r.fault === fault && r.severity === severity);
  const value = (fault, severity) => JSON.stringify([fault, severity]);
  const groups = faultNames.map((fault) => ({ group: fault,
    choices: severities.filter((s) => s > 0 && has(fault, s)).map((s) => [value(fault, s), conditionName(fault, s)]) }));
  return [...(has('', 0) ? [[value('', 0), 'clean']] : []), ...groups.filter((g) => g.choices.length > 0)];
}

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

// A condition that was not run for this variant has no rows.
function matrixRows(r) {
  return (r?.confusion ?? []).flatMap((line, i) => line.map((windows, j) => ({ truth: classes[i], predicted: classes[j], windows,
    value: sum(line) > 0 ? windows / sum(line) : 0, label: `${count(windows)} of ${count(sum(line))}` })));
}

function drawConfusion({ width: available, colours }, cells) {
  const width = Math.min(available, 620);
  const small = width < 480;
  const cell = (width - 110) / classes.length;
  const longest = Math.max(...classes.map((name) => name.length));
  return {
    data: { values: cells },
    width,
    height: classes.length * Math.max(24, Math.min(cell, 58)),
    autosize: { type: 'fit-x', contains: 'padding' },
    padding: 2,
    encoding: {
      x: { field: 'predicted', type: 'nominal', sort: classes, scale: { paddingInner: 0.03 },
        axis: { title: 'predicted', orient: 'bottom', domain: false, ticks: false, labelAngle: longest * 6 > cell ? -45 : 0, labelLimit: small ? 70 : 110 } },
      y: { field: 'truth', type: 'nominal', sort: classes, scale: { paddingInner: 0.03 },
        axis: { title: small ? null : 'true class', domain: false, ticks: false, labelLimit: small ? 74 : 120 } },
    },
    layer: heatmapLayers(colours, 'good', [0, 1], (c) => (cell < 20 ? '' : count(c.windows)), cells,
      [{ field: 'truth', title: 'true class' }, { field: 'predicted', title: 'predicted' }, { field: 'label', title: 'windows' }],
      cell < 44 ? 9 : 11.5),
  };
}

function classTable(r, where) {
  const matrix = r?.confusion ?? [];
  const rows = matrix.map((line, i) => {
    const predicted = sum(matrix.map((other) => other[i]));
    return { name: classes[i], windows: sum(line), recall: sum(line) ? line[i] / sum(line) : null,
      precision: predicted ? line[i] / predicted : null };
  });
  if (rows.length === 0) return element('p', { class: 'note' }, `${where}: not run.`);
  return element('div', {}, element('h3', {}, 'Class by class'), table(where, [
    { title: 'Class', head: true, cell: (c) => c.name, value: (c) => c.name },
    { title: 'Windows', numeric: true, cell: (c) => count(c.windows), value: (c) => c.windows },
    { title: 'Recall, %', numeric: true, cell: (c) => percent(c.recall), value: (c) => c.recall },
    { title: 'Precision, %', numeric: true, cell: (c) => percent(c.precision), value: (c) => (measured(c.precision) ? c.precision : null) },
  ], rows));
}
