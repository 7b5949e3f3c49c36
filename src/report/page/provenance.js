// All it takes to get the same numbers again.

import { data } from './data.js';
import { element, section } from './dom.js';

export function provenance() {
  const facts = [
    ['edgeproof', data.version],
    ['Data set', data.dataset.name],
    ['Data checksum (SHA-256)', data.dataset.checksum, 'code'],
    ['Training seeds', data.seeds.join(', ')],
    ...data.machine,
  ].filter(([, value]) => value !== '');
  section('provenance', 'Provenance', 'Provenance',
    element('p', {}, 'The same configuration, data and seeds give the same accuracies on any machine; latencies are this machine\u2019s.'),
    element('dl', { class: 'provenance' }, facts.map(([term, value, kind]) =>
      element('div', {}, element('dt', {}, term), element('dd', {}, kind === 'code' ? element('code', {}, value) : value)))),
    data.reproduce ? [element('h3', {}, 'To reproduce'), code('Commands that reproduce this study', data.reproduce)] : '',
    data.config_toml ? element('details', { id: 'configuration' }, element('summary', {}, 'The full configuration (TOML)'),
      code('The study\u2019s configuration', data.config_toml)) : '');
}

const code = (label, text) => element('pre', { tabindex: '0', 'aria-label': label }, element('code', {}, text));
