// How each training went: loss (or accuracy) against the epoch, one small panel for each training with a line for
// each seed, and what its log says of it: not converged, or worse than the network it began with.

import { data, measured } from './data.js';
import { element, section, select } from './dom.js';
import { percent } from './format.js';
import { chart, panelColumns } from './chart.js';
import { table } from './table.js';

const trained = data.trainings.filter((t) => t.curves.some((c) => c.train_loss.length > 0));
const lossLines = ['validation', 'training'];
const lossMeasures = [
  { name: 'loss', title: 'Loss', format: '~g', text: (x) => x.toFixed(3), of: { validation: 'validation_loss', training: 'train_loss' } },
  { name: 'accuracy', title: 'Validation accuracy', format: '.0%', text: (x) => `${percent(x)} %`, of: { validation: 'validation_accuracy' } },
].filter((m) => trained.some((t) => t.curves.some((c) => c[m.of.validation].some(measured) || m.of.training)));
const lossColours = { light: { validation: '#0072b2', training: '#6b7580', bad: '#9c2b12' },
  dark: { validation: '#56b4e9', training: '#99a3ae', bad: '#f4a48f' } };
// Recipes begin alike, and a panel's head has little room.
const panelName = (training) => `${trained.indexOf(training) + 1}  ${training.recipe}`;

export function trainings() {
  if (trained.length === 0) return;
  let measure = lossMeasures[0];
  const notes = trained.flatMap((t) => t.notes);
  const drawing = chart({
    name: 'training',
    title: () => `${measure.title} of each training, epoch by epoch`,
    summary: () => `${trained.length} trainings: ${trained.map((t) => t.recipe).join('; ')}. ` +
      (notes.length > 0 ? notes.join('. ') : 'None is marked as not converged or as worse than before.'),
    draw: (context) => drawTrainings(context, measure),
    rows: () => trained.flatMap((t) => t.curves.flatMap((c) => c.train_loss.map((loss, i) => ({ training: t.recipe, seed: c.seed,
      epoch: i + 1, train_loss: loss, validation_loss: c.validation_loss[i], validation_accuracy: c.validation_accuracy[i],
      kept: i + 1 === c.kept_epoch })))),
    controls: lossMeasures.length > 1 ? element('div', { class: 'controls' },
      select('Measure', lossMeasures.map((m) => [m.name, m.title]), (name) => {
        measure = lossMeasures.find((m) => m.name === name);
        drawing.redraw();
      })) : '',
    caption: 'A line for each seed. Solid: validation windows; dashed: training windows, with dropout, augmentation, smoothed labels and, where a recipe says so, faults and teachers. ' +
      'The dot is the epoch that was kept. Each panel has its own scale.',
  });
  section('training', 'How the networks were trained', 'Training',
    element('p', {}, data.training_lengths),
    notes.length > 0 ? element('ul', { class: 'training-notes' }, notes.map((note) => element('li', {}, `${note}.`))) : '',
    drawing.node,
    element('details', {}, element('summary', {}, 'The trainings, and which variants are made from them'), trainingTable()));
}

function lossRows(measure) {
  return trained.flatMap((t) => t.curves.flatMap((c) => lossLines.flatMap((line) => (c[measure.of[line]] ?? []).flatMap((value, i) =>
    (measured(value) ? [{ panel: panelName(t), line, seed: c.seed, run: `${line} ${c.seed}`, epoch: i + 1, value,
      kept: i + 1 === c.kept_epoch && (line === 'validation' || !measured(c.validation_loss[i])),
      label: measure.text(value) }] : [])))));
}

function drawTrainings({ width, colours: page, themeName, forPaper }, measure) {
  const rows = lossRows(measure);
  const columns = panelColumns(trained.length, Math.floor(width / (forPaper ? 260 : 290)));
  const axisWidth = 52;
  const panel = Math.floor((width - columns * axisWidth - (columns - 1) * 14 - 4) / columns);
  const height = Math.max(130, Math.min(190, Math.round(panel * 0.55)));
  const own = lossColours[themeName];
  const marks = trained.filter((t) => t.marks.length > 0).map((t) => ({ panel: panelName(t), text: t.marks.join(', ') }));
  const falls = measure.name === 'loss';  // and leaves the panel's upper right corner free
  const tooltip = [{ field: 'line', title: 'windows' }, { field: 'seed', title: 'seed' }, { field: 'epoch', title: 'epoch' },
    { field: 'label', title: measure.title }];
  const colour = { field: 'line', type: 'nominal', scale: { domain: lossLines, range: lossLines.map((l) => own[l]) }, legend: null };
  const at = { x: { field: 'epoch', type: 'quantitative', scale: { nice: false, zero: false },
    axis: { format: 'd', grid: false, title: 'epoch', tickMinStep: 1, tickCount: 5, labelFlush: false } },
  y: { field: 'value', type: 'quantitative', scale: { zero: falls, nice: true },
    axis: { format: measure.format, title: null, tickCount: 5 } } };
  return {
    data: { values: [...rows, ...marks] },
    facet: { field: 'panel', type: 'nominal', title: null, sort: trained.map(panelName),
      header: { labelAnchor: 'start', labelPadding: 6, labelLimit: panel } },
    columns,
    spacing: { row: 22, column: 14 },
    resolve: { axis: { x: 'independent', y: 'independent' }, scale: { x: 'independent', y: 'independent' } },
    spec: {
      width: panel,
      height,
      layer: [
        { transform: [{ filter: 'isValid(datum.value)' }], mark: { type: 'line', strokeWidth: 1.4, opacity: 0.85 },
          encoding: { ...at, color: colour, detail: { field: 'run', type: 'nominal' },
            strokeDash: { field: 'line', type: 'nominal', legend: null, scale: { domain: lossLines, range: [[1, 0], [4, 3]] } } } },
        { transform: [{ filter: 'datum.kept' }], mark: { type: 'point', filled: true, size: 34, opacity: 1 },
          encoding: { ...at, color: colour, tooltip } },
        ...(marks.length > 0 ? [{ transform: [{ filter: 'isValid(datum.text)' }],
          mark: { type: 'text', align: 'right', baseline: falls ? 'top' : 'bottom', fontWeight: 600, fontSize: 11.5, color: own.bad },
          encoding: { x: { value: panel - 2 }, y: { value: falls ? 2 : height - 3 }, text: { field: 'text', type: 'nominal' } } }] : []),
      ],
    },
  };
}

function trainingTable() {
  const span = (values) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return low === high ? String(low) : `${low} to ${high}`;
  };
  const kept = (t, member) => t.curves.map((c) => c[member][c.kept_epoch - 1]).filter(measured);
  const mean = (values) => (values.length === 0 ? null : values.reduce((a, b) => a + b) / values.length);
  const number = (x, text) => (measured(x) ? text(x) : '\u2013');
  return table('Trainings: kept epochs and what they reached, means of the seeds', [
    { title: 'Training', head: true, cell: panelName },
    { title: 'Variants', cell: (t) => t.variants.join(', ') },
    { title: 'Epochs', numeric: true, cell: (t) => span(t.curves.map((c) => c.train_loss.length)) },
    { title: 'Kept', numeric: true, cell: (t) => span(t.curves.map((c) => c.kept_epoch)) },
    { title: 'Training loss', numeric: true, cell: (t) => number(mean(kept(t, 'train_loss')), (x) => x.toFixed(3)) },
    { title: 'Validation loss', numeric: true, cell: (t) => number(mean(kept(t, 'validation_loss')), (x) => x.toFixed(3)) },
    { title: 'Validation accuracy, %', numeric: true, cell: (t) => number(mean(kept(t, 'validation_accuracy')), percent) },
  ], trained);
}
