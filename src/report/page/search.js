// What a search tried: accuracy under faults against the size of the weights, and each strategy's front.

import { data } from './data.js';
import { element, section } from './dom.js';
import { bytes, percent, plural } from './format.js';
import { chart } from './chart.js';

const styles = {
  nsga2: { label: 'NSGA-II', light: '#0072b2', dark: '#56b4e9', shape: 'circle' },
  random: { label: 'Random search', light: '#d55e00', dark: '#f58a42', shape: 'triangle-up' },
  uniform: { label: 'Uniform shares and bits', light: '#1b1f24', dark: '#e6e9ed', shape: 'square' },
};

export function search() {
  if (data.trials.length === 0) return;
  const drawing = chart({
    name: 'search',
    title: () => 'What the search tried',
    summary: () => strategies().map(bestOf).join(' '),
    draw,
    rows: () => data.trials,
    caption: 'Up and to the left is better. Lines join what no other candidate of the strategy beats in both. Accuracy here is ' +
      'on validation windows after a short training; the tables above are of full trainings on test windows.',
  });
  section('search', 'The search', 'Search',
    element('p', {}, `Channels and weight bits of each layer, ${data.search_budget}. ` + strategies().map(bestOf).join(' ')),
    drawing.node);
}

const strategies = () => Object.keys(styles).filter((name) => data.trials.some((t) => t.strategy === name));

function bestOf(strategy) {
  const trials = data.trials.filter((t) => t.strategy === strategy);
  const best = trials.reduce((a, b) => (b.robust > a.robust ? b : a));
  return `${styles[strategy].label}: ${percent(best.robust)} % with ${bytes(best.weight_bytes)}, best of ${plural(trials.length, 'candidate')}.`;
}

function draw({ width, themeName }) {
  const names = strategies();
  const values = data.trials.map((t) => ({ ...t, label: styles[t.strategy].label, kib: t.weight_bytes / 1024,
    robust_text: `${percent(t.robust)} %`, clean_text: `${percent(t.clean)} %`, weights_text: bytes(t.weight_bytes) }));
  const labels = names.map((name) => styles[name].label);
  const legend = { title: null, orient: 'top' };
  const colour = { field: 'label', type: 'nominal', legend, scale: { domain: labels, range: names.map((n) => styles[n][themeName]) } };
  const x = { field: 'kib', type: 'quantitative', scale: { zero: false }, axis: { title: 'weights, KiB', grid: false, tickCount: Math.floor(width / 90) } };
  const y = { field: 'robust', type: 'quantitative', scale: { zero: false },
    axis: { title: 'accuracy under faults', format: '.0%', tickCount: 6 } };
  return {
    data: { values },
    width, height: 320,
    autosize: { type: 'fit', contains: 'padding' },
    padding: 2,
    layer: [
      { transform: [{ filter: 'datum.front' }], mark: { type: 'line', interpolate: 'step-after', strokeWidth: 1.6 },
        encoding: { x, y, color: colour } },
      { mark: { type: 'point', filled: true, size: 46, opacity: 0.85 },
        encoding: { x, y, color: colour,
          shape: { field: 'label', type: 'nominal', legend, scale: { domain: labels, range: names.map((n) => styles[n].shape) } },
          tooltip: [{ field: 'label', title: 'strategy' }, { field: 'robust_text', title: 'under faults' },
            { field: 'clean_text', title: 'clean' }, { field: 'weights_text', title: 'weights' }, { field: 'recipe', title: 'recipe' }] } },
    ],
  };
}
