// A chart: a Vega-Lite drawing that follows the page's width and theme, with buttons that save it. Saved
// files are drawn anew for paper: light, of a fixed width, with a title and a legend.
//
// Vega's expressions are interpreted, not compiled (ast: true), so that the page's security policy can
// forbid eval.

import { element, save } from './dom.js';
import { data } from './data.js';
import { chartColours, onThemeChange, theme } from './theme.js';

const fontStack = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

// options: {
//   name:    for files and the test
//   title:   () -> of the figure, and of saved files
//   summary: () -> one or two sentences for readers who cannot see the chart
//   draw:    ({ width, colours, themeName, forPaper }) -> Vega-Lite specification
//   rows:    () -> flat objects, saved as CSV
//   caption: text or nodes under the chart
//   controls: nodes between title and chart
//   paperWidth }
// The result has the figure's `node`, and `redraw()` for when its data changes.
export function chart(options) {
  const { name, title, paperWidth = 900 } = options;
  const heading = element('h3', {}, title());
  const place = element('div', { class: 'drawing' });
  const button = (kind, action) => element('button',
    { type: 'button', class: 'quiet', 'aria-label': `Save "${title()}" as ${kind}`, click: action }, kind);
  const fileName = (extension) => `${data.study}-${name}.${extension}`;

  const node = element('figure', { class: 'chart', 'data-chart': name },
    element('div', { class: 'figure-head' }, heading,
      element('div', { class: 'save', role: 'group', 'aria-label': 'Save this figure' },
        hasCharts() ? button('SVG', async () => {
          const view = await paperView();
          save(new Blob([await view.toSVG()], { type: 'image/svg+xml' }), fileName('svg'));
          view.finalize();
        }) : '',
        hasCharts() ? button('PNG', async () => {
          const view = await paperView();
          const canvas = await view.toCanvas(2);
          canvas.toBlob((blob) => save(blob, fileName('png')));
          view.finalize();
        }) : '',
        button('CSV', () => save(new Blob([csv(options.rows())], { type: 'text/csv' }), fileName('csv'))))),
    options.controls ?? '', place,
    options.caption ? element('figcaption', {}, options.caption) : '');

  async function paperView() {
    const spec = options.draw(
      { width: paperWidth, colours: chartColours.light, themeName: 'light', forPaper: true });
    const { view } = await embed(element('div'), { ...spec, title: { text: title(), anchor: 'start', offset: 14 } }, 'light');
    return view;
  }

  let drawnWidth = 0;
  let latest = 0;
  let shown;
  async function redraw() {
    if (!hasCharts()) {
      place.replaceChildren(element('p', {}, 'This report was made by an edgeproof that was built without its chart '
        + 'library. Configure the build with -D EDGEPROOF_VEGA=DIR or with a network, build, and write the report '
        + 'again with `edgeproof report`. "CSV" saves the numbers of this one.'));
      return;
    }
    const width = Math.floor(place.clientWidth);
    if (width === 0) return;
    drawnWidth = width;
    const turn = ++latest;
    heading.textContent = title();
    const themeName = theme();
    const target = element('div', { role: 'img', 'aria-label': `${title()}. ${options.summary()}` });
    const spec = options.draw({ width, colours: chartColours[themeName], themeName, forPaper: false });
    const drawn = await embed(target, spec, themeName);
    if (turn !== latest) {  // a later call has overtaken this one
      drawn.finalize();
      return;
    }
    shown?.finalize();
    shown = drawn;
    place.replaceChildren(target);
  }

  onThemeChange(redraw);
  new ResizeObserver(() => {
    if (Math.abs(place.clientWidth - drawnWidth) > 4) redraw();
  }).observe(place);
  return { node, redraw };
}

// Columns for `count` panels of which `fit` go beside each other: as many rows as need be, evenly filled.
export function panelColumns(count, fit) {
  const rows = Math.ceil(count / Math.max(1, fit));
  return Math.ceil(count / rows);
}

// Not in a page that was built without the chart library.
function hasCharts() {
  return globalThis.vegaEmbed !== undefined;
}

function embed(target, spec, themeName) {
  return globalThis.vegaEmbed(target, { ...spec, config: config(chartColours[themeName]) }, {
    mode: 'vega-lite', actions: false, renderer: 'svg', ast: true, defaultStyle: false,
    tooltip: { theme: themeName },
  });
}

function config(colours) {
  const text = { labelFont: fontStack, titleFont: fontStack, labelColor: colours.soft, titleColor: colours.soft,
    labelFontSize: 11, titleFontSize: 11, titleFontWeight: 'normal' };
  return {
    background: colours.background,
    font: fontStack,
    view: { stroke: null },
    // The figure as a whole has its description; thousands of marks with one each would only be noise.
    aria: false,
    axis: { ...text, domainColor: colours.line, tickColor: colours.line, gridColor: colours.grid, labelPadding: 5,
      titlePadding: 8, tickSize: 4 },
    legend: { ...text, symbolStrokeWidth: 2, symbolSize: 70 },
    header: { ...text, labelColor: colours.ink, labelFontSize: 12.5, labelFontWeight: 600 },
    title: { font: fontStack, color: colours.ink, fontSize: 14, fontWeight: 600 },
    text: { font: fontStack, color: colours.ink },
  };
}

// RFC 4180. A value that a spreadsheet would take for a formula is quoted with an apostrophe.
export function csv(rows) {
  if (rows.length === 0) return '';
  const names = Object.keys(rows[0]);
  const field = (x) => {
    const text = typeof x === 'string' && /^[=+\-@\t\r]/.test(x) ? `'${x}` : String(x ?? '');
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [names, ...rows.map((row) => names.map((n) => row[n]))].map((line) => line.map(field).join(',') + '\r\n').join('');
}
