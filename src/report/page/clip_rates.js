// Where integer activations saturate: layer by severity, one panel for each fault, of one variant at a time.

import { conditionName, data, faultNames, result, severities } from './data.js';
import { element, section, select } from './dom.js';
import { chart, panelColumns } from './chart.js';
import { heatmapLayers } from './heatmap.js';

const clippingVariants = data.variants.filter((v) => v.layers.length > 0 &&
  data.results.some((r) => r.variant === v.name && r.clip_rates.length > 0));

export function clipRates() {
  if (clippingVariants.length === 0 || faultNames.length === 0) return;
  let shown = clippingVariants[0];
  const drawing = chart({
    name: 'clipping',
    title: () => `Activations that saturate, %: ${shown.name}`,
    summary: () => {
      const cells = clipRows(shown);
      const worst = cells.reduce((a, b) => (b.value > a.value ? b : a), cells[0]);
      return 'Layers by severity for each fault. ' +
        (worst ? `Most: ${worst.layer} under ${worst.condition}, ${clipPercent(worst.value)} %.` : '');
    },
    draw: (context) => drawClipRates(context, clipRows(shown), shown),
    rows: () => clippingVariants.flatMap((v) => clipRows(v).map(({ fault, severity, layer, value }) =>
      ({ variant: v.name, fault, severity, layer, clip_rate: value }))),
    controls: element('div', { class: 'controls' }, select('Variant', clippingVariants.map((v) => [v.name, v.name]), (name) => {
      shown = clippingVariants.find((v) => v.name === name);
      drawing.redraw();
    })),
    caption: 'Layers from input (top) to output. One colour scale for all variants and faults. Clipping says why a variant collapses: the fault drives activations out of the calibrated range.',
  });
  section('clipping', 'Where the integers clip', 'Clipping',
    element('p', {}, 'The share of each layer\u2019s 8-bit activations at the end of their range.'), drawing.node);
}

const clipPercent = (x) => (100 * x >= 9.95 ? (100 * x).toFixed(0) : (100 * x).toFixed(1));

function clipRows(variant) {
  return faultNames.flatMap((fault) => severities.flatMap((severity) => {
    const rates = result(variant.name, fault, severity)?.clip_rates ?? [];
    return rates.map((value, i) => ({ fault, severity, layer: variant.layers[i], value,
      condition: conditionName(fault, severity), label: `${(100 * value).toFixed(2)} %` }));
  }));
}

function drawClipRates({ width, colours }, cells, variant) {
  const highest = Math.max(...clippingVariants.flatMap((v) => clipRows(v).map((c) => c.value)), 0.001);
  const labels = Math.min(9, Math.max(...variant.layers.map((l) => l.length))) * 7 + 14;
  const columns = panelColumns(faultNames.length, Math.floor(width / (labels + severities.length * 28)));
  const panel = Math.floor((width - columns * labels - (columns - 1) * 10 - 4) / columns);
  const cell = panel / severities.length;
  return {
    data: { values: cells },
    facet: { field: 'fault', type: 'nominal', title: null, sort: faultNames, header: { labelAnchor: 'start', labelPadding: 6 } },
    columns,
    spacing: { row: 16, column: 10 },
    resolve: { axis: { x: 'independent', y: 'independent' } },
    spec: {
      width: panel,
      height: 24 * variant.layers.length,
      encoding: {
        x: { field: 'severity', type: 'ordinal', scale: { paddingInner: 0.04 }, axis: { title: 'severity', domain: false, ticks: false, labelAngle: 0 } },
        y: { field: 'layer', type: 'nominal', sort: variant.layers, scale: { paddingInner: 0.06 },
          axis: { title: null, domain: false, ticks: false, labelLimit: labels - 10 } },
      },
      layer: heatmapLayers(colours, 'bad', [0, highest], (c) => (cell < 24 ? '' : clipPercent(c.value)), cells,
        [{ field: 'layer', title: 'layer' }, { field: 'condition', title: 'condition' }, { field: 'label', title: 'clipped' }], 9.5),
    },
  };
}
