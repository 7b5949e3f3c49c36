// Tables that sort by a click on a column's head and scroll within their own box.

import { element } from './dom.js';
import { measured } from './data.js';

// columns: [{ title, hint, numeric, cell(row) -> text or nodes, value(row) -> what to sort by,
//             class(row), head: true for the row's own heading }]; rows without a value sort last.
// A `narrow` table is as wide as what it holds.
export function table(caption, columns, rows, { rowClass = () => undefined, narrow = false } = {}) {
  const body = element('tbody');
  const fill = (ordered) => body.replaceChildren(...ordered.map((row) =>
    element('tr', { class: rowClass(row) }, columns.map((c) =>
      element(c.head ? 'th' : 'td', {
        class: [c.numeric ? 'numeric' : '', c.class?.(row) ?? ''].join(' ').trim() || undefined,
        scope: c.head ? 'row' : undefined,
      }, c.cell(row))))));
  fill(rows);

  const heads = columns.map((c) => element('th',
    { scope: 'col', class: c.numeric ? 'numeric' : undefined },
    c.value ? element('button', { type: 'button', title: c.hint, click: () => sortBy(c) }, c.title,
      element('span', { class: 'arrow', 'aria-hidden': 'true' }))
      : element('span', { title: c.hint }, c.title)));

  // First click: numbers from the greatest, names from A; then the reverse; then as given.
  let sorted = { column: undefined, direction: undefined };
  function sortBy(column) {
    const first = column.numeric ? 'descending' : 'ascending';
    const second = column.numeric ? 'ascending' : 'descending';
    const direction = sorted.column !== column ? first : sorted.direction === first ? second : undefined;
    sorted = { column: direction ? column : undefined, direction };
    heads.forEach((head, i) => {
      if (columns[i] === sorted.column) head.setAttribute('aria-sort', direction);
      else head.removeAttribute('aria-sort');
    });
    fill(direction ? ordered(rows, column.value, direction === 'ascending' ? 1 : -1) : rows);
  }

  return element('div', { class: narrow ? 'table-box narrow' : 'table-box', tabindex: '0', role: 'region', 'aria-label': caption },
    element('table', {}, element('caption', {}, caption), element('thead', {}, element('tr', {}, heads)), body));
}

function ordered(rows, value, sign) {
  const compare = (a, b) => (typeof a === 'string' ? a.localeCompare(b) : a < b ? -1 : a > b ? 1 : 0);
  return [...rows].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (!measured(x) || !measured(y)) return measured(y) - measured(x);
    return sign * compare(x, y);
  });
}

// A number over its 95 % interval, for a cell.
export function estimate(text, rangeText, note) {
  return [element('span', { class: 'estimate' }, note ? element('span', { class: 'note' }, `${note} `) : '', text),
    rangeText ? element('span', { class: 'range' }, rangeText) : ''];
}
