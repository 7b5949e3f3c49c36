// How a variant looks, the same in every chart: a colour that is told apart by readers with any colour
// vision (neighbours differ in lightness too) and keeps 3:1 contrast with its background, a dash pattern
// and a mark. Controls are dashed and hollow, the others solid and filled.

import { data } from './data.js';
import { svg } from './dom.js';

//                        [light,     dark]
const leadColours =      [['#1b1f24', '#e6e9ed'], ['#0072b2', '#56b4e9'], ['#d55e00', '#f58a42'], ['#008f68', '#35c79c'],
                          ['#a8327f', '#e58cc4'], ['#a67c00', '#f0c445']];
const controlColours =   [['#6b7580', '#99a3ae'], ['#3f8fd0', '#7fa8ff'], ['#8c5a3c', '#cf9f80'], ['#5b8c2a', '#a5cf6d'],
                          ['#5e4fb3', '#ab9df5'], ['#c2453f', '#ff8f87']];
const shapes = ['circle', 'square', 'triangle-up', 'diamond', 'cross', 'triangle-down'];
const dashes = [[6, 3], [2, 2.5], [8, 3, 2, 3], [4, 2], [1, 3], [10, 4]];

function makeStyles() {
  const styles = new Map();
  let leads = 0;
  let controls = 0;
  for (const { name, control } of data.variants) {
    const i = control ? controls++ : leads++;
    const colours = control ? controlColours : leadColours;
    const [light, dark] = colours[i % colours.length];
    styles.set(name, { light, dark, control,
      // A second turn through the colours shifts the marks.
      shape: shapes[(i + Math.floor(i / colours.length)) % shapes.length],
      dash: control ? dashes[i % dashes.length] : i < leadColours.length ? [] : dashes[i % dashes.length] });
  }
  return styles;
}
export const variantStyles = makeStyles();

// Vega-Lite scales for `names`, of one property each.
export function variantScale(names, property) {
  return { domain: names, range: names.map((name) => variantStyles.get(name)[property]) };
}

// The line and mark of a variant, for legends and tables; page.css picks the theme's colour.
export function swatch(name) {
  const style = variantStyles.get(name);
  return svg('svg', { class: 'swatch', viewBox: '0 0 26 12', width: 26, height: 12, 'aria-hidden': 'true',
    style: `--light: ${style.light}; --dark: ${style.dark}` },
  svg('line', { x1: 1, x2: 25, y1: 6, y2: 6, 'stroke-width': 2, 'stroke-dasharray': style.dash.join(' ') }),
  mark(style));
}

function mark(style) {
  const filled = style.control ? 'hollow' : 'filled';
  const outline = { square: 'M9.5 2.5h7v7h-7z', 'triangle-up': 'M13 1.5l4.5 8h-9z', 'triangle-down': 'M13 10.5l4.5 -8h-9z',
    diamond: 'M13 1l4 5l-4 5l-4 -5z', cross: 'M11.7 2h2.6v2.7h2.7v2.6h-2.7v2.7h-2.6v-2.7h-2.7v-2.6h2.7z' }[style.shape];
  return outline ? svg('path', { d: outline, class: filled }) : svg('circle', { cx: 13, cy: 6, r: 3.6, class: filled });
}
