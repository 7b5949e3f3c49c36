// The table of breaking points: the severity at which a variant has lost five points of its clean accuracy.

import { data, faultNames, faultSummary, interval, measured, severities } from './data.js';
import { element } from './dom.js';
import { range, severityOf } from './format.js';
import { estimate, table } from './table.js';
import { variantCell } from './summary_table.js';

// The table under its heading, or nothing if the study has no breaking points.
export function breakingPoints() {
  const point = (v, fault) => {
    const s = faultSummary(v.name, fault);
    return s ? interval(s.breaking_point) : { value: null };
  };
  if (!data.variants.some((v) => faultNames.some((f) => measured(point(v, f).value)))) return '';
  const format = severityOf(severities.at(-1));
  return element('div', { id: 'breaking-points' }, element('h3', {}, 'Breaking points'),
    element('p', {}, `The severity at which accuracy falls 5 points below the variant\u2019s own clean accuracy; ${severities.at(-1)}+ where it never does. More is better.`),
    table('Breaking point of every variant under each fault, as a severity', [
      { title: 'Variant', head: true, cell: variantCell, value: (v) => v.name },
      ...faultNames.map((fault) => ({ title: fault, numeric: true, value: (v) => point(v, fault).value,
        cell: (v) => estimate(format(point(v, fault).value), range(point(v, fault), format)) })),
    ], data.variants, { rowClass: (v) => (v.control ? 'control' : undefined) }));
}
