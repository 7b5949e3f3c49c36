// Mean accuracy over the severities, fault by variant, with the numbers in the cells.

import { data, faultNames, faultSummary, interval, measured, result } from './data.js';
import { element, section } from './dom.js';
import { percent, range, withRange } from './format.js';
import { chart } from './chart.js';
import { breakingPoints } from './breaking_points.js';
import { heatmapLayers } from './heatmap.js';

const cleanColumn = 'clean';

export function faultHeatmap() {
  const points = breakingPoints();
  const cells = heatRows();
  if (cells.length === 0 && points === '') return;
  const drawing = cells.length === 0 ? undefined : chart({
    name: 'faults',
    title: () => 'Mean accuracy under each fault, %',
    summary: () => {
      const worst = cells.filter((c) => c.column !== cleanColumn).reduce((a, b) => (b.value < a.value ? b : a));
      return `${data.variants.length} variants by ${faultNames.length} faults. Lowest: ${worst.variant} under ${worst.column}, ${percent(worst.value)} %.`;
    },
    draw: (context) => drawFaultHeatmap(context, cells),
    rows: () => cells.map(({ variant, column, value, lo, hi }) => ({ variant, condition: column, accuracy: value, lo, hi })),
    caption: 'Each cell is the mean over the severities; the first column is the clean signal. The more a cell stands out from the page, the better.',
  });
  section('faults', 'Faults and variants', 'Faults',
    element('p', {}, 'Which sensor fault hurts which variant, and how much of each fault a variant bears.'),
    drawing?.node ?? '', points);
}

function heatRows() {
  return data.variants.flatMap((v) => {
    const clean = result(v.name, '', 0);
    const row = (column, triple) => {
      const x = interval(triple);
      return { variant: v.name, column, ...x, range: range(x, percent), label: withRange(x, percent) + ' %' };
    };
    return [clean && row(cleanColumn, clean.accuracy),
      ...faultNames.map((f) => faultSummary(v.name, f)).map((s) => s && row(s.fault, s.mean_accuracy))]
      .filter((r) => r && measured(r.value));
  });
}

function drawFaultHeatmap({ width, colours }, cells) {
  const values = cells.map((c) => c.value);
  const columns = [cleanColumn, ...faultNames];
  return {
    data: { values: cells },
    width,
    height: 30 * data.variants.length,
    autosize: { type: 'fit-x', contains: 'padding' },
    padding: 2,
    encoding: {
      x: { field: 'column', type: 'nominal', sort: columns, scale: { paddingInner: 0.03 },
        axis: { orient: 'top', title: null, domain: false, ticks: false, labelAngle: columns.length * 62 > width - 110 ? -45 : 0, labelLimit: 110 } },
      y: { field: 'variant', type: 'nominal', sort: data.variants.map((v) => v.name), scale: { paddingInner: 0.05 },
        axis: { title: null, domain: false, ticks: false, labelLimit: 130 } },
    },
    layer: heatmapLayers(colours, 'good', [Math.min(...values), Math.max(...values)], (c) => percent(c.value), cells,
      [{ field: 'variant', title: 'variant' }, { field: 'column', title: 'condition' }, { field: 'label', title: 'accuracy' }]),
  };
}
