// What the study's claims say, and whether its results bear them out. A verdict is a word and a sign; its
// colour only helps the eye.

import { data, measured } from './data.js';
import { element, section } from './dom.js';
import { estimate, table } from './table.js';

const verdictSigns = { supported: '\u2713', contradicted: '\u2717', undecided: '?', 'not applicable': '\u2013' };

function verdictBadge({ verdict }) {
  return element('span', { class: `claim-verdict ${verdict.replace(' ', '-')}` },
    element('span', { 'aria-hidden': 'true' }, verdictSigns[verdict]), verdict);
}

function claimCell({ text, check, source }) {
  return element('div', { class: 'claim' }, text ? element('span', {}, text) : '', element('code', {}, check),
    source ? element('span', { class: 'note' }, source) : '');
}

// The interval goes under its estimate: "+1.2 [0.4, 2.0] points".
function differenceCell({ difference, reason }) {
  if (difference === '') return element('span', { class: 'claim-reason' }, reason);
  const parts = difference.match(/^(\S+) (\[.*\])(.*)$/);
  return parts ? estimate(parts[1] + parts[3], parts[2]) : difference;
}

export function claims() {
  if (data.claims.length === 0) return;
  const counts = Object.keys(verdictSigns).map((verdict) => [data.claims.filter((c) => c.verdict === verdict).length, verdict]);
  section('claims', 'Claims', 'Claims',
    element('p', {}, `${counts.filter(([n]) => n > 0).map(([n, verdict]) => `${n} ${verdict}`).join(', ')}. `,
      'Differences are left minus right, drawn together, with 95 % intervals; what the intervals leave open, and what does not survive Holm\u2019s correction over these claims (p above 0.05), is undecided. Bytes and multiply-accumulates are exact; latencies count as different if their medians are more than 10 % each apart.'),
    table('Claims and verdicts', [
      { title: 'Verdict', head: true, cell: verdictBadge, value: (c) => c.verdict },
      { title: 'Claim', cell: claimCell },
      { title: 'Left', numeric: true, cell: (c) => c.left },
      { title: 'Right', numeric: true, cell: (c) => c.right },
      { title: 'Difference', numeric: true, cell: differenceCell },
      { title: 'p', numeric: true, value: (c) => c.p_value,
        cell: (c) => (!measured(c.p_value) ? '\u2013' : c.p_value < 0.001 ? '< 0.001' : c.p_value.toFixed(3)) },
    ], data.claims));
}
