// What the three heat maps share: coloured cells, and numbers in an ink that can be read on them.

import { inkOn } from './theme.js';

// Layers for `cells`, whose `value` is in `domain`. `text(cell)` is written in the cell. Adds `text` and `ink` to the cells.
export function heatmapLayers(colours, ramp, domain, text, cells, tooltip, fontSize = 11.5) {
  const [low, high] = domain;
  for (const cell of cells) {
    cell.text = text(cell);
    cell.ink = inkOn(colours, high > low ? (cell.value - low) / (high - low) : 0);
  }
  // `fill` for the cells and `color` for the text, as layers share one scale for each channel.
  return [
    { mark: { type: 'rect', cornerRadius: 2 },
      encoding: { tooltip, fill: { field: 'value', type: 'quantitative', legend: null,
        scale: { domain, range: colours[ramp], interpolate: 'rgb' } } } },
    { mark: { type: 'text', fontSize },
      encoding: { tooltip, text: { field: 'text' }, color: { field: 'ink', type: 'nominal', scale: null } } },
  ];
}
