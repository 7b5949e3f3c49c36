// Tables that only some studies have: agreement of simulated and integer arithmetic, and cost on devices.

import { data } from './data.js';
import { element, section } from './dom.js';
import { bytes, count } from './format.js';
import { table } from './table.js';

export function agreement() {
  if (data.agreements.length === 0) return;
  const share = (a) => (a.windows > 0 ? a.agreeing / a.windows : null);
  section('agreement', 'Simulated and integer arithmetic', 'Arithmetic',
    element('p', {}, 'Accuracies in this report come from the integer arithmetic that ships. This is how often the simulated quantization of training gives the same label.'),
    table('Test windows with the same label', [
      { title: 'Variant', head: true, cell: (a) => a.variant, value: (a) => a.variant },
      { title: 'Windows', numeric: true, cell: (a) => count(a.windows), value: (a) => a.windows },
      { title: 'Same label', numeric: true, cell: (a) => count(a.agreeing), value: (a) => a.agreeing },
      { title: 'Other label', numeric: true, cell: (a) => count(a.windows - a.agreeing), value: (a) => a.windows - a.agreeing },
      { title: 'Agreement, %', numeric: true, value: share, cell: (a) => (a.windows > 0 ? (100 * share(a)).toFixed(2) : '\u2013') },
    ], data.agreements, { narrow: true }));
}

export function targets() {
  if (data.target_costs.length === 0) return;
  const known = (x) => (x < 0 ? null : x);
  section('targets', 'Cost on devices', 'Devices',
    element('p', {}, 'Instructions of one inference, and flash and RAM of the linked image.'),
    table('Cost of every variant on every target', [
      { title: 'Variant', head: true, cell: (t) => t.variant, value: (t) => t.variant },
      { title: 'Target', cell: (t) => t.target, value: (t) => t.target },
      { title: 'Instructions', numeric: true, cell: (t) => count(t.instructions), value: (t) => known(t.instructions) },
      { title: 'Flash', numeric: true, cell: (t) => bytes(t.flash_bytes), value: (t) => known(t.flash_bytes) },
      { title: 'RAM', numeric: true, cell: (t) => bytes(t.ram_bytes), value: (t) => known(t.ram_bytes) },
    ], data.target_costs, { narrow: true }));
}
