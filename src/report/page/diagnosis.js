// Why integer variants fail: signal-to-quantization-noise ratio, layer by condition, of one variant at a
// time, and the layer most to blame for each of them.

import { conditionName, data, faultNames, measured } from './data.js';
import { element, section, select } from './dom.js';
import { percent } from './format.js';
import { chart } from './chart.js';
import { heatmapLayers } from './heatmap.js';

const diagnosed = data.variants.filter((v) => data.diagnoses.some((d) => d.variant === v.name));
const diagnosisOf = (variant, fault) => data.diagnoses.find((d) => d.variant === variant.name && d.fault === fault);
const diagnosedConditions = ['clean', ...faultNames.filter((f) => data.diagnoses.some((d) => d.fault === f))];

export function diagnosis() {
  if (diagnosed.length === 0) return;
  let shown = diagnosed[0];
  const drawing = chart({
    name: 'diagnosis',
    title: () => `Signal to quantization noise, dB: ${shown.name}`,
    summary: () => {
      const cells = noiseRows(shown);
      const worst = cells.reduce((a, b) => (b.value < a.value ? b : a), cells[0]);
      return 'Layers by condition. ' + (worst ? `Lowest: ${worst.layer} under ${worst.condition}, ${worst.label}.` : '');
    },
    draw: (context) => drawNoise(context, noiseRows(shown), shown),
    rows: () => diagnosed.flatMap((v) => noiseRows(v).map(({ column, severity, layer, value, alone, kept }) =>
      ({ variant: v.name, fault: column, severity, layer, sqnr_db: value, alone_db: alone, alone_agreement: kept }))),
    controls: element('div', { class: 'controls' }, select('Variant', diagnosed.map((v) => [v.name, v.name]), (name) => {
      shown = diagnosed.find((v) => v.name === name);
      drawing.redraw();
    })),
    caption: 'Layers from input (top) to output. Each cell compares a layer\u2019s integers with the network in floating point, and holds the noise of all layers before it too; 6 dB are one bit. One colour scale for all variants: the more a cell stands out from the page, the better.',
  });
  section('diagnosis', 'Why it fails', 'Why it fails',
    element('p', {}, `What rounding and clipping do inside each integer variant, clean and under each fault at its highest severity (first seed, ${data.diagnosis_windows}).`),
    drawing.node,
    element('h3', {}, 'Most to blame'),
    element('p', {}, 'Windows that keep the label of the network in floating point, and the layer that, quantized alone, takes the class probabilities furthest from it. Where nearly all keep their label, the fault misleads the network in floating point just as well, and no layer\u2019s integers are the cause.'),
    element('ul', { class: 'blame' }, diagnosed.map((v) => element('li', {}, element('strong', {}, v.name), ': ', blame(v)))));
}

// "98.5 %, most to blame conv3 (alone 99.5 %, 38.2 dB)"
function blamedLayer(variant, d) {
  const alone = d.alone_db[d.blamed];
  return `${percent(d.agreement)} %, most to blame ${variant.layers[d.blamed]} ` +
    `(alone ${percent(d.alone_agreement[d.blamed])} %, ${measured(alone) ? `${alone.toFixed(1)} dB` : 'exact'})`;
}

function blame(variant) {
  const clean = diagnosisOf(variant, '');
  const worst = diagnosisOf(variant, variant.worst_fault);
  const faulty = data.diagnoses.filter((d) => d.variant === variant.name && d.fault !== '');
  const lowest = faulty.reduce((a, b) => (b.agreement < a.agreement ? b : a), faulty[0]);
  const on = (d) => `${conditionName(d.fault, d.severity)}, ${blamedLayer(variant, d)}`;
  return [clean && `clean, ${blamedLayer(variant, clean)}`,
    worst && `under its worst fault, ${on(worst)}`,
    lowest && lowest !== worst && `where integers cost most, ${on(lowest)}`].filter(Boolean).join('; ') + '.';
}

function noiseRows(variant) {
  return diagnosedConditions.flatMap((column) => {
    const d = diagnosisOf(variant, column === 'clean' ? '' : column);
    return (d?.sqnr_db ?? []).map((value, i) => ({ column, severity: d.severity, layer: variant.layers[i], value,
      alone: d.alone_db[i], kept: d.alone_agreement[i], condition: conditionName(d.fault, d.severity),
      label: measured(value) ? `${value.toFixed(1)} dB` : '',
      effect: measured(d.alone_db[i]) ? `${d.alone_db[i].toFixed(1)} dB, labels kept ${percent(d.alone_agreement[i])} %` : '\u2013' }));
  }).filter((cell) => measured(cell.value));
}

function drawNoise({ width, colours }, cells, variant) {
  const values = diagnosed.flatMap((v) => noiseRows(v).map((c) => c.value));
  const cell = (width - Math.max(...variant.layers.map((l) => l.length)) * 7 - 14) / diagnosedConditions.length;
  return {
    data: { values: cells },
    width,
    height: 26 * variant.layers.length,
    autosize: { type: 'fit-x', contains: 'padding' },
    padding: 2,
    encoding: {
      x: { field: 'column', type: 'nominal', sort: diagnosedConditions, scale: { paddingInner: 0.03 },
        axis: { orient: 'top', title: null, domain: false, ticks: false, labelAngle: cell < 62 ? -45 : 0, labelLimit: 110 } },
      y: { field: 'layer', type: 'nominal', sort: variant.layers, scale: { paddingInner: 0.05 },
        axis: { title: null, domain: false, ticks: false, labelLimit: 110 } },
    },
    layer: heatmapLayers(colours, 'good', [Math.min(...values), Math.max(...values)], (c) => (cell < 20 ? '' : c.value.toFixed(0)), cells,
      [{ field: 'layer', title: 'layer' }, { field: 'condition', title: 'condition' }, { field: 'label', title: 'noise so far' },
        { field: 'effect', title: 'this layer alone' }]),
  };
}
